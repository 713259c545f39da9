// The vault as one provider sees it: secrets of its own under a name of its own, apart from accounts and other providers.
import type { Vault } from './vault.ts';

/** What the part of a provider is cut from. */
export interface ProviderVaultOptions {
  /** The whole vault, read at each call: providers are made before it is open. */
  readonly vault: () => Vault;
  /** Id of the provider. */
  readonly provider: () => string;
  /** Told every secret before it is stored or given out, so that it can be kept out of logs. */
  readonly learnSecret: (secret: string) => void;
}

/** The entries `provider/ID/NAME`; every call may throw `GatewayError`. */
export function createProviderVault({ vault, provider, learnSecret }: ProviderVaultOptions) {
  const nameEntry = (name: string) => `provider/${provider()}/${name}`;
  return {
    read: async (name: string): Promise<string | undefined> => {
      const secret = await vault().read(nameEntry(name));
      if (secret !== undefined) learnSecret(secret);
      return secret;
    },
    write: async (name: string, secret: string): Promise<void> => {
      learnSecret(secret);
      await vault().write(nameEntry(name), secret);
    },
    remove: (name: string): Promise<void> => vault().remove(nameEntry(name)),
    hide: learnSecret,
  };
}
