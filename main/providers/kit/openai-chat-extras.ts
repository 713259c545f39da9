// What an OpenAI-shaped upstream says of a reply and the hub has no word for: collected while the reply is read, and
// given to its end, where a face of the same dialect finds it again (`metadata.openai`).
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { WireAnswer, WireChoice, WireMessage } from './openai-chat-wire.ts';

/** Collects the unknown fields of one reply. */
export interface ReplyExtras {
  /** What the first chunk says beside the reply: it is the same in all of them. */
  readStart(answer: WireAnswer): Metadata | undefined;
  readMessage(message: WireMessage): void;
  /** The choice and the chunk that say why the reply ended, or how much it used. */
  readEnd(answer: WireAnswer, choice: WireChoice | undefined): void;
  /** Everything that was not known at the start. */
  readonly end: Metadata | undefined;
}

const ANSWER: ReadonlySet<string> = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error']);
const CHOICE: ReadonlySet<string> = new Set(['index', 'delta', 'message', 'text', 'finish_reason', 'usage']);
const MESSAGE: ReadonlySet<string> = new Set([
  'role',
  'content',
  'reasoning_content',
  'reasoning',
  'refusal',
  'tool_calls',
]);

/** A collector for one reply. */
export function createReplyExtras(): ReplyExtras {
  let start: JsonObject | undefined;
  let fields: JsonObject | undefined;
  let choiceFields: JsonObject | undefined;
  let usage: JsonObject | undefined;
  /** In the order in which they came: pieces of a list belong together, and only a client knows how. */
  const message: JsonObject[] = [];

  return {
    readStart: (answer) => {
      start = readUnknown(answer, ANSWER);
      return start && { openai: start };
    },
    readMessage: (said) => {
      const unknown = readUnknown(said, MESSAGE);
      if (unknown !== undefined) message.push(unknown);
    },
    readEnd: (answer, choice) => {
      const unknown = readUnknown(answer, ANSWER);
      for (const name in unknown) {
        if (start?.[name] === undefined) fields = { ...fields, [name]: unknown[name] as JsonObject };
      }
      if (choice !== undefined) choiceFields = readUnknown(choice, CHOICE) ?? choiceFields;
      usage = (answer.usage ?? choice?.usage ?? usage) as JsonObject | undefined;
    },
    get end() {
      if (fields === undefined && choiceFields === undefined && usage === undefined && message.length === 0) {
        return undefined;
      }
      return {
        openai: {
          ...fields,
          ...(message.length === 0 ? undefined : { message }),
          ...(choiceFields === undefined ? undefined : { choice: choiceFields }),
          ...(usage === undefined ? undefined : { usage }),
        },
      };
    },
  };
}

/** The fields of `said` that are not `known`; nothing where there is none. What is null says nothing. */
function readUnknown(said: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): JsonObject | undefined {
  let unknown: Record<string, unknown> | undefined;
  for (const name in said) {
    if (known.has(name) || said[name] === null) continue;
    unknown ??= {};
    unknown[name] = said[name];
  }
  return unknown as JsonObject | undefined;
}
