// Opens everything that keeps secrets: the client keys, the proxy and the accounts, from settings, vault and file.
import { join } from 'node:path';
import { listProxySecrets } from '../../shared/proxy.ts';
import type { FileConfig } from '../config/config-file.ts';
import { type AccountBook, createAccountBook } from '../credentials/account-book.ts';
import { type ClientKeys, createClientKeys } from '../credentials/client-keys.ts';
import { type GlobalProxy, openGlobalProxy } from '../credentials/global-proxy.ts';
import { openKeyUse } from '../credentials/key-use.ts';
import type { Vault } from '../credentials/vault.ts';
import type { Provider } from '../providers/provider.ts';
import type { SettingsStore } from '../settings-store.ts';
import type { LiveSettings } from './live-settings.ts';

/** What is opened. */
export interface AccountRooms {
  readonly keys: ClientKeys;
  readonly proxy: GlobalProxy;
  readonly accounts: AccountBook;
}

/** What they are opened with. */
export interface AccountParts {
  readonly file: Pick<FileConfig, 'accounts' | 'clientKeys' | 'proxy'>;
  readonly store: SettingsStore;
  readonly settings: LiveSettings;
  readonly vault: Vault;
  readonly providers: readonly Provider[];
  readonly learnSecret: (secret: string) => void;
  readonly dataFolder: string;
  /** Told what could not be kept. */
  readonly onMishap: (text: string) => void;
}

/** Opens them. Throws what the vault throws. */
export async function openAccounts(parts: AccountParts): Promise<AccountRooms> {
  const { file, store, settings, vault, providers, learnSecret, dataFolder, onMishap } = parts;
  const use = openKeyUse({ path: join(dataFolder, 'key-use.json'), onMishap });
  const keys = await createClientKeys({ store, vault, use, fileKeys: file.clientKeys, learnSecret });
  const proxy = await openGlobalProxy({
    vault,
    address: () => settings.read().proxy,
    fromFile: file.proxy,
    learnSecret,
  });
  // A password that somebody wrote into the settings file by hand does not stay there.
  const written = store.read().proxy;
  if (listProxySecrets(written).length > 0) store.change({ proxy: await proxy.take(written) });
  const accounts = createAccountBook({
    store,
    vault,
    fileAccounts: file.accounts,
    builtIn: providers.filter(({ signIn }) => signIn.length === 0),
    learnSecret,
    proxy: proxy.read,
  });
  return { keys, proxy, accounts };
}
