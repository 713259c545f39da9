// Status, door, client keys and settings behind the GUI.
import { GatewayError } from '../canonical/errors.ts';
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

/** The handlers of `status`, `door`, `keys` and `settings`. */
export function createSystemHandlers(os: Binder, services: AdminServices) {
  const { status, door, keys, log, settings, writeClipboard, chooseFolder, createLinkPath } = services;
  return {
    status: {
      read: os.status.read.handler(() => status.read()),
      traffic: os.status.traffic.handler(() => log.traffic()),
      link: os.status.link.handler(() => (createLinkPath === undefined ? {} : { path: createLinkPath() })),
    },
    door: {
      start: os.door.start.handler(async () => {
        await door.start();
        return status.read();
      }),
      stop: os.door.stop.handler(async () => {
        await door.stop();
        return status.read();
      }),
    },
    keys: {
      list: os.keys.list.handler(() => [...keys.list()]),
      renew: os.keys.renew.handler(({ input }) => keys.renew(input.id)),
      add: os.keys.add.handler(({ input }) => keys.add(input.name, input.rules)),
      change: os.keys.change.handler(({ input: { id, ...change } }) => keys.change(id, change)),
      revoke: os.keys.revoke.handler(async ({ input }) => {
        await keys.revoke(input.id);
        return {};
      }),
      copy: os.keys.copy.handler(({ input }) => {
        const key = keys.reveal(input.id);
        if (key === undefined) throw new GatewayError('not-found', `There is no client key "${input.id}".`);
        const text = input.text.replaceAll('{{key}}', () => key);
        if (writeClipboard === undefined) return { text };
        writeClipboard(text);
        return {};
      }),
    },
    host: {
      chooseFolder: os.host.chooseFolder.handler(async () => ({ path: await chooseFolder?.() })),
    },
    settings: {
      read: os.settings.read.handler(() => settings.read()),
      change: os.settings.change.handler(({ input }) => settings.change(input)),
    },
  };
}
