// The models that can be asked for, as the GUI shows them.
import type { ModelView } from '../../shared/views.ts';
import type { ServedModel } from '../canonical/models.ts';
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

/** The handlers of `models`. */
export function createModelHandlers(
  os: Binder,
  { models, accounts, toolCounts }: Pick<AdminServices, 'models' | 'accounts' | 'toolCounts'>,
) {
  return {
    list: os.models.list.handler(async ({ input }) => {
      const { models: served, failures } = await models.list(input.refresh);
      return {
        models: served.map((model) => ({
          ...viewModel(model, accounts.find(model.account)?.name ?? model.account),
          toolCalls: toolCounts.find(model.account, model.info.id),
        })),
        failures: [...failures],
      };
    }),
  };
}

function viewModel({ id, info, account, provider }: ServedModel, accountName: string): ModelView {
  const { name, contextTokens, maxOutputTokens, abilities } = info;
  return { id, name, account, accountName, provider, contextTokens, maxOutputTokens, ...abilities };
}
