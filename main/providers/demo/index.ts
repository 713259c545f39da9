// A built-in model that streams back what it is told, so that a client can be checked with no account at all.
import { setTimeout as wait } from 'node:timers/promises';
import type { CompletionRequest } from '../../canonical/completion.ts';
import type { ConversationRequest, UserMessage } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter } from '../../canonical/event-writer.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { AttemptContext } from '../context.ts';
import type { Provider } from '../provider.ts';

const ID = 'demo';
/** Between two words, so that a person sees that it streams. */
const PACE_MS = 25;
const GREETING = "This is Patchbay's built-in demo, not a language model. Your client works.";

/** The demo provider; always there, needs no account, talks to nobody. */
export function createDemoProvider(): Provider {
  return {
    id: ID,
    name: 'Demo',
    card: {
      standing: 'Built into Patchbay: it repeats your words and is no language model.',
      spends: 'Nothing. It never leaves this machine.',
    },
    signIn: [],
    listModels: () => Promise.resolve([{ id: ID, name: 'Demo echo', owner: 'patchbay', abilities: { tools: false } }]),
    converse,
    complete,
    async *check() {
      yield { id: 'built-in', label: 'Built in, always ready', state: 'ok' };
    },
  };
}

function converse(request: ConversationRequest, context: AttemptContext): EventStream {
  noteWishes(request, context.note);
  const input = JSON.stringify(request.messages).length;
  return say(cutAt(writeEcho(request), request.stop ?? []), input, context);
}

function complete({ prompt, suffix = '', stop = [] }: CompletionRequest, context: AttemptContext): EventStream {
  const also = suffix === '' ? '' : ' I also received a text that is to follow.';
  return say(cutAt(`${GREETING}${also} You said: ${prompt}`, stop), prompt.length + suffix.length, context);
}

async function* say(text: string, input: number, { live, signal }: AttemptContext): EventStream {
  const writer = createEventWriter();
  writer.start({ model: ID });
  for (const word of text.match(/\s*\S+|\s+$/g) ?? []) {
    if (live) await pause(signal);
    writer.text(word);
    if (live) yield writer.take();
  }
  // The counts are a guess (four characters a token) and marked as one.
  writer.usage({ inputTokens: Math.ceil(input / 4), outputTokens: Math.ceil(text.length / 4), estimated: true });
  writer.end({ kind: 'stop' });
  yield writer.take();
}

/** A person who tries a client out must not take the echo for an answer to these. */
function noteWishes({ toolChoice, responseFormat }: ConversationRequest, note: (text: string) => void): void {
  const wishes = [
    ...(toolChoice?.type === 'required' || toolChoice?.type === 'tool' ? ['call a tool'] : []),
    ...(responseFormat !== undefined && responseFormat.type !== 'text' ? ['answer as JSON'] : []),
  ];
  if (wishes.length > 0) note(`The demo only repeats words: it cannot ${wishes.join(' or ')}.`);
}

function cutAt(text: string, stop: readonly string[]): string {
  const ends = stop.map((end) => text.indexOf(end)).filter((end) => end >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await wait(PACE_MS, undefined, { signal });
  } catch (cause) {
    throw signal.reason instanceof GatewayError
      ? signal.reason
      : new GatewayError('aborted', 'The client hung up.', { cause });
  }
}

function writeEcho({ messages, tools }: ConversationRequest): string {
  const last = messages.findLast((message): message is UserMessage => message.role === 'user');
  const parts = last?.parts ?? [];
  const words = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const images = parts.filter((part) => part.type === 'image').length;
  const seen = [
    images > 0 ? `${images} image${images === 1 ? '' : 's'}` : '',
    tools?.length ? `${tools.length} tool${tools.length === 1 ? '' : 's'} that I cannot use` : '',
  ].filter((item) => item !== '');
  const also = seen.length === 0 ? '' : ` I also received ${seen.join(' and ')}.`;
  return `${GREETING}${also} You said: ${words}`;
}
