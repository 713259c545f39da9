// What the person should know from the start: what was lost or could not be read, and rules of the file that name nobody.
import { DEFAULT_ROUTING } from '../../shared/routing.ts';
import type { StatusStore } from '../admin/status.ts';
import type { FileConfig } from '../config/config-file.ts';
import { listStrangers } from '../config/config-routing.ts';
import type { SettingsStore } from '../settings-store.ts';
import type { Logger } from '../util/logger.ts';
import type { AccountRooms } from './open-accounts.ts';

/** What may have something to tell. */
export interface NoticeParts extends AccountRooms {
  readonly store: Pick<SettingsStore, 'mishap'>;
  readonly file: Pick<FileConfig, 'settings'>;
  readonly logger: Logger;
}

/** Puts it into the status, and on the log what nobody may look up there. */
export function setFirstNotices(status: Pick<StatusStore, 'setNotice'>, parts: NoticeParts): void {
  const { store, file, keys, proxy, accounts, logger } = parts;
  status.setNotice('settings', 'The settings could not be read', store.mishap);
  status.setNotice('proxy', 'The password of the proxy is lost', proxy.mishap);
  status.setNotice('keys', 'A client key was lost', keys.mishap);
  const strangers = listStrangers(file.settings.routing ?? DEFAULT_ROUTING, {
    accounts: accounts.list().map(({ id }) => id),
    keys: keys.list().map(({ name }) => name),
  });
  for (const text of strangers) logger.warn(text);
  status.setNotice(
    'routing',
    'Rules of the configuration file are for what is not there',
    strangers.join(' ') || undefined,
  );
}
