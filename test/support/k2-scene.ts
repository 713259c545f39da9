// A stub of K2-Think's hosts, a clock that a test turns, and the real provider over both.
import { collect, type Reply } from '../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import type { Credential } from '../../main/credentials/credential.ts';
import { createProviderVault } from '../../main/credentials/provider-vault.ts';
import type { Vault } from '../../main/credentials/vault.ts';
import { createHttpClient } from '../../main/http/client.ts';
import type { AttemptContext, CallContext } from '../../main/providers/context.ts';
import { createK2ThinkProviderWith } from '../../main/providers/k2-think/index.ts';
import type { Provider } from '../../main/providers/provider.ts';
import { createLogger } from '../../main/util/logger.ts';
import { EMAIL, type K2Stub, MODEL, PASSWORD, startK2Stub } from './k2-stub.ts';
import { createMemoryVault } from './memory-vault.ts';
import { quietServices } from './quiet-services.ts';

/** A time to begin at. */
export const START = Date.parse('2026-08-01T12:00:00Z');
export const MINUTE = 60_000;

/** What was asked and what became of it. */
export interface Asked extends Reply {
  readonly text: string;
  readonly reasoning: string;
  readonly notes: readonly string[];
  /** How many batches the reply came in. */
  readonly batches: number;
}

/** Everything that a test of K2-Think needs. */
export interface K2Scene {
  readonly stub: K2Stub;
  readonly clock: { time: number };
  readonly secrets: Map<string, string>;
  /** What the vault waits for before it stores anything, and how much it was given to store. */
  readonly storing: { until?: Promise<void>; begun: number };
  /** Lines of the log, from `info` on, without the filter that removes secrets. */
  readonly log: string[];
  /** Everything that was to be kept out of logs. */
  readonly hidden: Set<string>;
  /** The outcomes of replies with tools. */
  readonly outcomes: string[];
  /** The provider as a program start makes it: nothing in memory. */
  start(): Provider;
  account(given?: Partial<Credential['account']>, secrets?: Readonly<Record<string, string>>): Credential;
  context(credential?: Credential, signal?: AbortSignal): CallContext;
  /** One question, read to the end. Throws what the stream throws. */
  ask(provider: Provider, request?: Partial<ConversationRequest>, context?: Partial<AttemptContext>): Promise<Asked>;
  close(): Promise<void>;
}

/** A scene with an account that signs in by e-mail and password. */
export async function openK2Scene(): Promise<K2Scene> {
  const clock = { time: START };
  const now = () => clock.time;
  const stub = await startK2Stub(now);
  const http = createHttpClient();
  const log: string[] = [];
  const hidden = new Set<string>();
  const outcomes: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => log.push(line), redact: (text) => text });
  const memory = createMemoryVault();
  const storing: K2Scene['storing'] = { begun: 0 };
  const slow: Vault = {
    ...memory,
    write: async (name, secret) => {
      storing.begun += 1;
      await storing.until;
      await memory.write(name, secret);
    },
  };
  const vault = createProviderVault({
    vault: () => slow,
    provider: () => 'k2-think',
    learnSecret: (secret) => void hidden.add(secret),
  });
  const account: K2Scene['account'] = (given = {}, secrets = { password: PASSWORD }) => ({
    account: {
      id: 'k2',
      provider: 'k2-think',
      name: 'K2',
      method: 'password',
      env: {},
      endpoints: stub.endpoints,
      models: [],
      source: 'settings',
      ...given,
      values: { ...(given.method === undefined ? { email: EMAIL } : {}), ...given.values },
    },
    secrets,
  });
  const context: K2Scene['context'] = (credential = account(), signal = new AbortController().signal) => ({
    credential,
    signal,
  });
  return {
    stub,
    clock,
    secrets: memory.secrets,
    storing,
    log,
    hidden,
    outcomes,
    start: () =>
      createK2ThinkProviderWith(
        {
          ...quietServices,
          http,
          logger,
          folder: '',
          limits: () => ({ firstByteMs: 10_000, idleMs: 10_000 }),
          vault,
          toolCalls: { record: (_account, model, outcome) => void outcomes.push(`${model} ${outcome}`) },
        },
        { now },
      ),
    account,
    context,
    ask: async (provider, request = {}, given = {}) => {
      const notes: string[] = [];
      let batches = 0;
      const events = provider.converse(
        { model: MODEL, messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }], ...request },
        { ...context(), requestId: 'r', live: true, note: (text) => void notes.push(text), ...given },
      );
      async function* count() {
        for await (const batch of events) {
          batches += 1;
          yield batch;
        }
      }
      const reply = await collect(count());
      const join = (type: 'text' | 'reasoning') =>
        reply.parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
      return { ...reply, text: join('text'), reasoning: join('reasoning'), notes, batches };
    },
    close: async () => {
      await http.close();
      await stub.close();
    },
  };
}
