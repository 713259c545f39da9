// What a test of Kimi needs: a stub, an account at it, and the provider over the real HTTP client.
import { collect, type Reply } from '../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import { createHttpClient } from '../../main/http/client.ts';
import type { AttemptSession, CallContext } from '../../main/providers/context.ts';
import { createKimiProvider } from '../../main/providers/kimi/index.ts';
import type { Provider } from '../../main/providers/provider.ts';
import { createKimiServices } from './kimi-services.ts';
import { type KimiKind, type KimiStub, startKimiStub } from './kimi-stub.ts';

export const KIMI_KEY = 'sk-kimi-stub-secret';

/** An account of the test's. */
export interface KimiAccountGiven {
  readonly values?: Record<string, string>;
  readonly key?: string;
}

/** The scene. */
export interface KimiScene {
  readonly stub: KimiStub;
  readonly provider: Provider;
  readonly notes: string[];
  context(given?: KimiAccountGiven): CallContext;
  /** One reply, whole or streamed. */
  ask(
    request: Partial<ConversationRequest>,
    given?: KimiAccountGiven & { readonly live?: boolean; readonly session?: AttemptSession },
  ): Promise<Reply>;
  close(): Promise<void>;
}

/** A request of one question. */
export const question = (text: string): ConversationRequest['messages'] => [
  { role: 'user', parts: [{ type: 'text', text }] },
];

/** Opens a scene whose accounts are at a stub of this kind. */
export async function openKimiScene(kind: KimiKind = 'platform'): Promise<KimiScene> {
  const stub = await startKimiStub(kind, KIMI_KEY);
  const http = createHttpClient();
  const provider = createKimiProvider(createKimiServices(http));
  const notes: string[] = [];
  const context = ({ values = {}, key = KIMI_KEY }: KimiAccountGiven = {}): CallContext => {
    const own: Record<string, string> =
      kind === 'engine' ? { baseUrl: stub.url } : { region: kind === 'code' ? 'code' : 'international' };
    return {
      signal: new AbortController().signal,
      credential: {
        account: {
          id: 'kimi',
          provider: 'kimi',
          name: 'Kimi',
          method: 'key',
          values: { ...own, ...values },
          env: {},
          endpoints: kind === 'engine' ? {} : { api: stub.url },
          models: [],
          source: 'settings',
        },
        secrets: { key },
      },
    };
  };
  return {
    stub,
    provider,
    notes,
    context,
    ask: (request, { live = false, session, ...given } = {}) => {
      const attempt = {
        ...context(given),
        requestId: 'r',
        live,
        session,
        note: (text: string) => void notes.push(text),
      };
      return collect(provider.converse({ model: 'kimi-k2.6', messages: question('Hi'), ...request }, attempt));
    },
    close: async () => {
      await http.close();
      await stub.close();
    },
  };
}
