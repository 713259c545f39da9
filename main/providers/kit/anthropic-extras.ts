// What a client of Anthropic's dialect said and no other dialect has a word for, listed so that a provider can tell its
// loss. It changes nothing and sends nothing.
import type { ConversationRequest, Json, JsonObject, Message } from '../../canonical/conversation.ts';

/** Names of what only Anthropic's dialect knows, in order and without repetition. */
export interface AnthropicExtras {
  /** Fields of the body. */
  readonly fields: readonly string[];
  /** Tools that only Anthropic's service knows or runs. */
  readonly upstreamTools: readonly string[];
  /** Types of content blocks that were read as text. */
  readonly blocks: readonly string[];
  /** Fields of messages, blocks and tools, cache markers apart. */
  readonly marks: readonly string[];
  /** Those of them that stand on messages and system texts. */
  readonly messageMarks: readonly string[];
  /** Whether the conversation itself holds cache markers. */
  readonly cached: boolean;
  /** Whether system texts or tools hold cache markers. */
  readonly cachedSetup: boolean;
}

/** Fields that providers read themselves, or that say nothing to others. */
const KNOWN: ReadonlySet<string> = new Set(['signature', 'redacted', 'block', 'source', 'type', 'cache_control']);

/** The face turned these into words of the hub. */
const READ_OF_THINKING: ReadonlySet<string> = new Set(['type', 'budget_tokens']);

/** The extras of `request`, or undefined where its client spoke another dialect. */
export function readAnthropicExtras(request: ConversationRequest): AnthropicExtras | undefined {
  const own = request.metadata?.anthropic;
  if (own === undefined) return undefined;
  const blocks = new Set<string>();
  const marks = new Set<string>();
  const messageMarks = new Set<string>();
  let cached = false;
  let cachedSetup = false;
  const look = (extra: JsonObject | undefined, setup: boolean) => {
    for (const name in extra) {
      if (name === 'block') blocks.add(readWord((extra.block as JsonObject).type));
      else if (name !== 'cache_control') {
        if (name === 'source' && !isReadSource(extra.source)) marks.add(name);
        if (KNOWN.has(name)) continue;
        marks.add(name);
        if (setup) messageMarks.add(name);
      } else if (setup) cachedSetup = true;
      else cached = true;
    }
  };
  for (const message of request.messages) {
    lookThrough(message, look);
    for (const name in message.metadata?.anthropic) if (!KNOWN.has(name)) messageMarks.add(name);
  }
  for (const { metadata } of request.tools ?? []) look(metadata?.anthropic, true);
  const tools = Array.isArray(own.upstreamTools) ? (own.upstreamTools as JsonObject[]) : [];
  const thinking = Object.keys((own.thinking ?? {}) as JsonObject).filter((name) => !READ_OF_THINKING.has(name));
  return {
    fields: [...Object.keys((own.fields ?? {}) as JsonObject), ...thinking.map((name) => `thinking.${name}`)],
    upstreamTools: tools.map(({ name, type }) => readWord(name, type)),
    blocks: [...blocks],
    marks: [...marks],
    messageMarks: [...messageMarks],
    cached,
    cachedSetup,
  };
}

/** Documents of text are read as what they say; other sources are kept only where they say more than the hub knows. */
const isReadSource = (source: Json | undefined) =>
  /^(text|content)$/.test(String((source as JsonObject | undefined)?.type));

function lookThrough(message: Message, look: (extra: JsonObject | undefined, setup: boolean) => void): void {
  const setup = message.role === 'system';
  look(message.metadata?.anthropic, setup);
  for (const part of message.parts) {
    look(part.metadata?.anthropic, setup);
    if (part.type !== 'tool-result') continue;
    for (const inner of part.parts) look(inner.metadata?.anthropic, setup);
  }
}

/** The first text among `values`: the face keeps what it does not know as it came, so that even a name may be anything. */
function readWord(...values: readonly (Json | undefined)[]): string {
  return values.find((value) => typeof value === 'string') ?? 'unknown';
}
