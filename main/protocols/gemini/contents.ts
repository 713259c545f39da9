// Reads the turns of a conversation. One turn of the model may come back in many pieces, as it was streamed; calls often
// have no ids; thoughts come as parts of their own, inside the signature of another part, or both.
import type {
  AssistantMessage,
  Json,
  JsonObject,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserMessage,
} from '../../canonical/conversation.ts';
import { type CallBook, createCallBook } from '../kit/call-book.ts';
import { asArray, asListOrNone, asObject, asString, refuse } from '../kit/fields.ts';
import { asFields, asText, keep } from './fields.ts';
import { readFile, readInline, readPart, type WirePart } from './parts.ts';
import { readSignature } from './signature.ts';

/** Reads the `contents` field; `note` is told in plain words what could not be kept. */
export function readContents(value: Json | undefined, note: (text: string) => void): Message[] {
  const calls = createCallBook();
  const messages: Message[] = [];
  let turn: ModelTurn | undefined;
  const endTurn = () => {
    const said = turn?.end() ?? [];
    // Google's package remembers an empty turn where an answer failed; no upstream takes one.
    if (said.length > 0) messages.push({ role: 'assistant', parts: said });
    turn = undefined;
  };
  const contents = asArray(value, 'contents');
  if (contents.length === 0) refuse('contents', 'must hold at least one content');
  for (const [at, content] of contents.entries()) {
    const path = `contents[${at}]`;
    const { role, parts: given } = asFields(content, path);
    const parts = asListOrNone(given, `${path}.parts`).map((part, nth) => {
      const place = `${path}.parts[${nth}]`;
      return { fields: asFields(part, place), path: place };
    });
    if (role === 'model') {
      turn ??= createModelTurn(calls, note);
      turn.add(parts);
    } else if (role === undefined || role === null || role === '' || role === 'user' || role === 'function') {
      endTurn();
      messages.push(...readUser(parts, calls, note));
    } else refuse(`${path}.role`, 'must be user or model');
  }
  endTurn();
  return messages;
}

/** Results first: upstreams want them right behind the calls, with nothing in between. */
function readUser(parts: readonly WirePart[], calls: CallBook, note: (text: string) => void): Message[] {
  const results: ToolResultPart[] = [];
  const said: UserMessage['parts'][number][] = [];
  for (const part of parts) {
    const { functionResponse } = part.fields;
    if (functionResponse != null) results.push(readResult(functionResponse, `${part.path}.functionResponse`, calls));
    else said.push(...[readPart(part, note)].filter((read) => read !== undefined));
  }
  const messages: Message[] = results.length > 0 ? [{ role: 'tool', parts: results }] : [];
  return said.length > 0 || results.length === 0 ? [...messages, { role: 'user', parts: said }] : messages;
}

/** The fields in which Google's clients put a result that is a text. */
const TEXT_KEYS: ReadonlySet<string> = new Set(['output', 'result', 'content', 'error']);

function readResult(value: Json, path: string, calls: CallBook): ToolResultPart {
  const { id, name: given, response, parts, ...extra } = asFields(value, path);
  const name = asString(given, `${path}.name`);
  const files = asListOrNone(parts, `${path}.parts`).flatMap((part, at) => {
    const place = `${path}.parts[${at}]`;
    const { inlineData, fileData } = asFields(part, place);
    if (inlineData != null) return [readInline(inlineData, `${place}.inlineData`)];
    return fileData == null ? [] : [readFile(fileData, `${place}.fileData`)];
  });
  const entries = Object.entries(response == null ? {} : asObject(response, `${path}.response`));
  const [key, only] = entries.length === 1 ? (entries[0] ?? []) : [];
  const isText = key !== undefined && typeof only === 'string' && TEXT_KEYS.has(key);
  const text = isText ? only : JSON.stringify(response ?? {});
  return {
    type: 'tool-result',
    toolCallId: calls.answer(name, readId(id, name)),
    name,
    parts: entries.length === 0 && files.length > 0 ? files : [{ type: 'text', text }, ...files],
    ...(key === 'error' ? { isError: true } : undefined),
    ...keep(extra),
  };
}

/** The Gemini CLI puts the name before the id that it was given; the upstream knows its own. */
function readId(id: Json | undefined, name: string): string | undefined {
  const given = asText(id);
  return given?.startsWith(`${name}__`) && given.length > name.length + 2 ? given.slice(name.length + 2) : given;
}

/** Texts of Google's clients that say themselves that they are no signature. */
const NO_SIGNATURES: ReadonlySet<string> = new Set([
  'skip_thought_signature_validator',
  'context_engineering_is_the_way_to_go',
]);

/** The contents of one turn of the model, however many pieces it comes in. */
interface ModelTurn {
  add(parts: readonly WirePart[]): void;
  end(): AssistantMessage['parts'];
}

function createModelTurn(calls: CallBook, note: (text: string) => void): ModelTurn {
  const read: AssistantMessage['parts'][number][] = [];
  /** Thoughts that are told again, and whole, if a signature follows. */
  let thought = '';
  const showThought = () => {
    if (thought !== '') read.push({ type: 'reasoning', text: thought });
    thought = '';
  };
  const restore = (value: Json | undefined): readonly ReasoningPart[] => {
    const text = asText(value);
    if (text === undefined || NO_SIGNATURES.has(text)) return [];
    const thoughts = readSignature(text);
    if (thoughts === undefined) note('A thought signature of another service was left out: it means nothing here.');
    return thoughts ?? [];
  };
  const addPart = (part: WirePart, joins: boolean) => {
    const { fields, path } = part;
    const restored = restore(fields.thoughtSignature);
    const { text } = fields;
    if (restored.length > 0) {
      thought = '';
      read.push(...restored);
      if (fields.thought === true) return;
    } else if (fields.thought === true && typeof text === 'string') {
      thought += text;
      return;
    }
    const { functionCall } = fields;
    const next = functionCall == null ? readPart(part, note) : readCall(functionCall, fields, path, calls);
    if (next === undefined) return;
    showThought();
    const last = read.at(-1);
    // Pieces of one text, which the client keeps as they were streamed.
    if (joins && last?.type === 'text' && next.type === 'text') read[read.length - 1] = join(last, next);
    else read.push(next);
  };
  return {
    add: (parts) => {
      for (const [at, part] of parts.entries()) addPart(part, at === 0);
    },
    end: () => {
      showThought();
      return read;
    },
  };
}

function join(first: TextPart, { text, metadata }: TextPart): TextPart {
  const joined =
    metadata === undefined ? first.metadata : { gemini: { ...first.metadata?.gemini, ...metadata.gemini } };
  return { type: 'text', text: first.text + text, ...(joined && { metadata: joined }) };
}

function readCall(value: Json, fields: JsonObject, path: string, calls: CallBook): ToolCallPart {
  const { id, name: given, args, ...own } = asFields(value, `${path}.functionCall`);
  const { functionCall: _, thoughtSignature: _signature, thought: _thought, ...extra } = fields;
  const name = asString(given, `${path}.functionCall.name`);
  return {
    type: 'tool-call',
    id: calls.open(name, readId(id, name)),
    name,
    arguments: JSON.stringify(args ?? {}),
    ...keep({ ...own, ...extra }),
  };
}
