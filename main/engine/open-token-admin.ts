// Joins what programs need to administrate accounts: the key that lets them in, and the rooms that answer.

import { ConfigFileError } from '../config/config-checks.ts';
import { readConfigFile } from '../config/config-file.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { ClientKeys } from '../credentials/client-keys.ts';
import { removeLeftovers } from '../data-folder.ts';
import type { ModelCatalog } from '../gateway/model-catalog.ts';
import type { Pool } from '../gateway/pool.ts';
import type { Renewals } from '../gateway/renewals.ts';
import type { Provider } from '../providers/provider.ts';
import { createTokenDoor, type TokenDoor } from '../server/token-admin.ts';

/** What it is made of. */
export interface TokenAdminParts {
  readonly adminKey: string | undefined;
  readonly keys: Pick<ClientKeys, 'list' | 'reveal'>;
  readonly configFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly providers: readonly Provider[];
  readonly accounts: AccountBook;
  readonly catalog: Pick<ModelCatalog, 'list'>;
  readonly pool: Pool;
  readonly renewals: Renewals;
  readonly dataFolder: string;
  readonly redact: (text: string) => string;
  readonly learnSecret: (secret: string) => void;
}

/** What is younger may still be at work. */
const LEFTOVER_AGE_MS = 60_000;

/** The door for such programs. Throws `ConfigFileError` where the admin key is a client's as well. */
export function openTokenAdmin(parts: TokenAdminParts): TokenDoor {
  const { adminKey, keys, configFile, environment, providers, accounts, catalog } = parts;
  if (adminKey !== undefined) parts.learnSecret(adminKey);
  const twin = keys.list().find(({ id }) => adminKey !== undefined && keys.reveal(id) === adminKey);
  if (twin !== undefined) {
    throw new ConfigFileError(`adminKey: is the same as the client key "${twin.name}"; clients must not administrate.`);
  }
  return createTokenDoor({
    adminKey,
    load: async () => {
      const { createTokenAdmin } = await import('../admin/token-admin.ts');
      return createTokenAdmin({
        ...parts,
        reloadFile: () => {
          if (configFile === undefined) return undefined;
          return accounts.replaceFile(readConfigFile(configFile, environment, providers).accounts);
        },
        refreshModels: () => void catalog.list(true).catch(() => {}),
        removeLeftovers: () => removeLeftovers(parts.dataFolder, LEFTOVER_AGE_MS),
        now: Date.now,
      });
    },
  });
}
