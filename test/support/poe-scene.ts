// The provider for Poe over the stub, with an account and what the log was told.
import { collect } from '../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import { readError } from '../../main/canonical/errors.ts';
import type { ConversationEvent } from '../../main/canonical/events.ts';
import type { Credential } from '../../main/credentials/credential.ts';
import { createHttpClient } from '../../main/http/client.ts';
import type { AttemptContext } from '../../main/providers/context.ts';
import { createPoeProviderWith } from '../../main/providers/poe/index.ts';
import type { Provider } from '../../main/providers/provider.ts';
import { POE_KEY, type PoeStub, startPoeStub } from './poe-stub.ts';
import { quietServices } from './quiet-services.ts';
import { createSilentLogger } from './silent-logger.ts';

/** The scene. */
export interface PoeScene {
  readonly stub: PoeStub;
  readonly provider: Provider;
  readonly notes: string[];
  /** Outcomes of tools in words, as `bot outcome`. */
  readonly outcomes: string[];
  /** What the account is set to. */
  values: Record<string, string>;
  models: string[];
  key: string;
  context(signal?: AbortSignal, live?: boolean): AttemptContext;
  /** All events of a reply; a thrown failure is the last one. */
  events(request?: Partial<ConversationRequest>, live?: boolean): Promise<ConversationEvent[]>;
  /** The reply as `type: text` lines, with its end or failure. */
  lines(request?: Partial<ConversationRequest>, live?: boolean): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts it. */
export async function openPoeScene(): Promise<PoeScene> {
  const stub = await startPoeStub();
  const http = createHttpClient();
  const notes: string[] = [];
  const outcomes: string[] = [];
  const services = {
    ...quietServices,
    http,
    logger: createSilentLogger(),
    folder: '',
    limits: () => ({ firstByteMs: 60_000, idleMs: 60_000 }),
    toolCalls: {
      record: (_account: string, model: string, outcome: string) => void outcomes.push(`${model} ${outcome}`),
    },
  };
  const provider = createPoeProviderWith(services, { wait: () => Promise.resolve() });
  const scene: PoeScene = {
    stub,
    provider,
    notes,
    outcomes,
    values: {},
    models: [],
    key: POE_KEY,
    context: (signal = new AbortController().signal, live = true) => {
      const credential: Credential = {
        account: {
          id: 'poe',
          provider: provider.id,
          name: 'Poe',
          method: 'key',
          values: scene.values,
          env: {},
          endpoints: stub.endpoints,
          models: scene.models,
          source: 'settings',
        },
        secrets: { key: scene.key },
      };
      return { credential, signal, requestId: 'r', live, note: (text) => void notes.push(text) };
    },
    events: async (request = {}, live = true) => {
      const events: ConversationEvent[] = [];
      try {
        for await (const batch of provider.converse(ask(request), scene.context(undefined, live)))
          events.push(...batch);
      } catch (thrown) {
        events.push({ type: 'error', error: readError(thrown) });
      }
      return events;
    },
    lines: async (request, live) => describeEvents(await scene.events(request, live)),
    close: async () => {
      await http.close();
      await stub.close();
    },
  };
  return scene;
}

/** A request that says hi to a listed bot, or whatever is said otherwise. */
export const ask = (request: Partial<ConversationRequest> = {}): ConversationRequest => ({
  model: 'gpt-5.4',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  ...request,
});

/** A reply in short: each block with its text, then how it ended. */
export function describeEvents(events: readonly ConversationEvent[]): string[] {
  const lines: string[] = [];
  const blocks = new Map<number, number>();
  for (const event of events) {
    if (event.type === 'tool-call-start') blocks.set(event.block, lines.push(`call ${event.name} `) - 1);
    else if (event.type === 'text-start' || event.type === 'reasoning-start')
      blocks.set(event.block, lines.push(`${event.type.split('-')[0]}: `) - 1);
    else if ('text' in event) {
      const at = blocks.get(event.block) ?? 0;
      lines[at] += event.text;
    } else if (event.type === 'reply-end') lines.push(`end ${event.finishReason.kind}`);
    else if (event.type === 'error') lines.push(`error ${event.error.kind}: ${event.error.message}`);
  }
  return lines;
}

/** The whole reply. */
export const collectReply = async (scene: PoeScene, request: Partial<ConversationRequest> = {}) =>
  await collect(scene.provider.converse(ask(request), scene.context()));
