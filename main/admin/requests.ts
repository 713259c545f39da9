// The request log as the GUI asks for it.
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

/** The handlers of `requests`. */
export function createRequestHandlers(os: Binder, { log }: Pick<AdminServices, 'log'>) {
  return {
    list: os.requests.list.handler(({ input }) => log.list(input)),
    clear: os.requests.clear.handler(async () => {
      await log.clear();
      return {};
    }),
  };
}
