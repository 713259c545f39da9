// A vault that forgets everything with the test.
import type { Vault } from '../../main/credentials/vault.ts';

/** An empty vault; `secrets` is what it holds and may be changed behind its back. */
export function createMemoryVault(): Vault & { readonly secrets: Map<string, string> } {
  const secrets = new Map<string, string>();
  return {
    kind: 'file',
    detail: 'Secrets are kept in memory.',
    secrets,
    read: async (name) => secrets.get(name),
    write: async (name, secret) => void secrets.set(name, secret),
    remove: async (name) => void secrets.delete(name),
  };
}
