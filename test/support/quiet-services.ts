// What a provider is made with besides its edges, where a test is about something else: no agents, nobody to ask, no
// secrets of its own, nobody who counts.
import type { ProviderServices } from '../../main/providers/provider.ts';

/** Limits as they stand in the settings by default, no agents, nobody who answers. */
export const quietServices: Pick<ProviderServices, 'programLimits' | 'agents' | 'ask' | 'vault' | 'toolCalls'> = {
  programLimits: () => ({ most: 8, mostWaiting: 4, idleMs: 240_000, retries: 0, agentRetries: 4 }),
  agents: { list: () => [], find: () => undefined },
  ask: async () => undefined,
  vault: { read: async () => undefined, write: async () => {}, remove: async () => {}, hide: () => {} },
  toolCalls: { record: () => {} },
};
