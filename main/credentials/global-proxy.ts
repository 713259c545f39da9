// The proxy of the settings with its password: the settings have the address, the vault has the whole. A password belongs to
// the address that it was given with and never goes to another.
import { listProxySecrets, splitProxy } from '../../shared/proxy.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Vault } from './vault.ts';

/** The proxy for every account that has none of its own. */
export interface GlobalProxy {
  /** With its password; undefined where none is set. */
  read(): string | undefined;
  /**
   * Stores the password of what a person has written, and gives the address for the settings. The same address without a
   * password keeps the one that is stored; an empty text forgets it. Throws `GatewayError`.
   */
  take(text: string): Promise<string>;
  /** Why the password could not be read at the start; undefined where all was well. */
  readonly mishap: string | undefined;
}

/** What it is made of. */
export interface GlobalProxyOptions {
  readonly vault: Vault;
  /** The address in the settings that hold now; empty for none. */
  readonly address: () => string;
  /** The whole of the one that the configuration file names. */
  readonly fromFile?: string | undefined;
  /** Told the password in every form before it is used, so that it can be kept out of logs. */
  readonly learnSecret: (secret: string) => void;
}

const ENTRY = 'settings/proxy';

/** Reads what is stored. Never throws for a vault that refuses: `mishap` tells it. */
export async function openGlobalProxy(options: GlobalProxyOptions): Promise<GlobalProxy> {
  const { vault, address, fromFile, learnSecret } = options;
  const wholes = new Map<string, string>();
  const learn = (whole: string) => {
    const split = splitProxy(whole);
    if (split === undefined) return;
    for (const secret of listProxySecrets(whole)) learnSecret(secret);
    wholes.set(split.address, whole);
  };
  let mishap: string | undefined;
  try {
    const stored = await vault.read(ENTRY);
    if (stored !== undefined) learn(stored);
  } catch (error) {
    const reason = error instanceof Error ? ` ${error.message}` : '';
    mishap = `The password of the proxy could not be read; write its address with the password again in Settings.${reason}`;
  }
  if (fromFile !== undefined) learn(fromFile);

  return {
    mishap,
    read: () => (address() === '' ? undefined : (wholes.get(address()) ?? address())),
    take: async (text) => {
      if (text.trim() === '') {
        await vault.remove(ENTRY);
        wholes.clear();
        return '';
      }
      const split = splitProxy(text, address());
      // The text is not repeated: it may hold a password.
      if (split === undefined) throw new GatewayError('invalid-request', 'The address of the proxy cannot be read.');
      if (split.whole !== undefined) {
        learn(split.whole);
        await vault.write(ENTRY, split.whole);
      } else if (!split.kept) {
        await vault.remove(ENTRY);
        wholes.delete(split.address);
      }
      return split.address;
    },
  };
}
