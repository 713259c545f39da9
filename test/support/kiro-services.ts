// What a provider is made with, for tests that need no house around it.
import type { HttpClient } from '../../main/http/client.ts';
import type { ProviderServices } from '../../main/providers/provider.ts';
import { createSilentLogger } from './silent-logger.ts';

/** Services with a vault in memory and short limits. */
export function createKiroServices(http: HttpClient): ProviderServices {
  const secrets = new Map<string, string>();
  return {
    http,
    logger: createSilentLogger(),
    folder: '',
    limits: () => ({ firstByteMs: 60_000, idleMs: 60_000 }),
    programLimits: () => ({ most: 1, mostWaiting: 0, idleMs: 1, retries: 0, agentRetries: 0 }),
    agents: { list: () => [], find: () => undefined },
    ask: async () => undefined,
    vault: {
      read: async (name) => secrets.get(name),
      write: async (name, secret) => void secrets.set(name, secret),
      remove: async (name) => void secrets.delete(name),
      hide: () => {},
    },
    toolCalls: { record: () => {} },
  };
}
