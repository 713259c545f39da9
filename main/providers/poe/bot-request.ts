// Writes canonical requests as queries of the bot protocol. What it has no field for is told by `note`, or said in words where
// words do as well.
import type {
  ConversationRequest,
  FilePart,
  ImagePart,
  JsonObject,
  Message,
  ToolResultPart,
} from '../../canonical/conversation.ts';
import { noteExtras } from '../kit/openai-chat-request.ts';
import type { PoeBot } from './models.ts';
import { chooseParameters } from './parameters.ts';
import { splitRounds, tellCall, tellResult, writeToolFields } from './tool-rounds.ts';
import type { Attachment } from './uploads.ts';

/** What a query is written with. */
export interface QueryOptions {
  readonly bot: PoeBot | undefined;
  /** Leave out the instructions that the bot has on Poe. */
  readonly skipsPrompt: boolean;
  /** Where the part was uploaded to; undefined for one that could not be. */
  attach(part: ImagePart | FilePart): Attachment | undefined;
  note(text: string): void;
}

interface Turn {
  readonly role: 'system' | 'user' | 'bot';
  readonly texts: string[];
  readonly attachments: Attachment[];
}

/** The version in which files, parameters and parallel answers are known. */
const VERSION = '1.2';

/** Every part that must be uploaded before the query can be written. */
export function listUploads({ messages }: ConversationRequest): readonly (ImagePart | FilePart)[] {
  const isFile = (part: { readonly type: string }): part is ImagePart | FilePart =>
    part.type === 'image' || part.type === 'file';
  return messages.flatMap(({ parts }) =>
    (parts as readonly Message['parts'][number][]).flatMap((part) =>
      part.type === 'tool-result' ? part.parts.filter(isFile) : isFile(part) ? [part] : [],
    ),
  );
}

/** The body of the query. */
export function writeBotQuery(request: ConversationRequest, options: QueryOptions): string {
  const { bot, skipsPrompt, note } = options;
  noteLeftOut(request, note);
  const rounds = splitRounds(request.messages);
  const turns = writeTurns(rounds.messages, rounds.results, options);
  const format = writeFormat(request, note);
  if (format !== undefined) turns.unshift({ role: 'system', texts: [format], attachments: [] });
  const parameters = chooseParameters(request, bot, note);
  const last = turns.findLastIndex(({ role }) => role === 'user');
  const { logit_bias: bias } = (request.metadata?.openai?.fields ?? {}) as JsonObject;
  return JSON.stringify({
    version: VERSION,
    type: 'query',
    query: turns.map(({ role, texts, attachments }, at) => ({
      role,
      content: joinTexts(texts),
      content_type: 'text/markdown',
      timestamp: 0,
      message_id: '',
      feedback: [],
      attachments: attachments.map((attachment) => ({ ...attachment, parsed_content: null })),
      sender_id: null,
      ...(at === last && Object.keys(parameters).length > 0 ? { parameters } : {}),
    })),
    user_id: '',
    conversation_id: '',
    message_id: '',
    metadata: '',
    api_key: '<missing>',
    access_key: '<missing>',
    temperature: request.temperature ?? null,
    skip_system_prompt: skipsPrompt,
    logit_bias: bias ?? {},
    stop_sequences: request.stop ?? [],
    language_code: 'en',
    bot_query_id: '',
    ...writeToolFields(request, rounds, note),
  });
}

/** Texts of one turn stand apart, unless they say themselves how. */
const joinTexts = (texts: readonly string[]): string =>
  texts.reduce(
    (all, text) => (all === '' || /\s$/.test(all) || /^\s/.test(text) ? all + text : `${all}\n\n${text}`),
    '',
  );

const ROLES = { assistant: 'bot', system: 'system', user: 'user', tool: 'user' } as const;

function writeTurns(messages: readonly Message[], results: readonly ToolResultPart[], options: QueryOptions): Turn[] {
  const names = new Map<string, string>();
  const turns: Turn[] = [];
  for (const message of messages) {
    const turn: Turn = { role: ROLES[message.role], texts: [], attachments: [] };
    for (const part of message.parts) addPart(turn, part, names, options);
    if (turn.texts.length > 0 || turn.attachments.length > 0) turns.push(turn);
  }
  if (messages.some(({ parts }) => parts.some(({ type }) => type === 'reasoning')))
    options.note('Earlier thinking was left out: Poe’s bots have no field for it.');
  const shown: Turn = { role: 'user', texts: [], attachments: [] };
  for (const { toolCallId, parts } of results) {
    const files = parts.filter((part) => part.type !== 'text');
    if (files.length > 0) shown.texts.push(`Shown by the tool call ${toolCallId}:`);
    for (const file of files) addFile(shown, file, options);
  }
  return shown.texts.length === 0 ? turns : [...turns, shown];
}

function addPart(turn: Turn, part: Message['parts'][number], names: Map<string, string>, options: QueryOptions): void {
  switch (part.type) {
    case 'text':
      turn.texts.push(part.text);
      break;
    case 'reasoning':
      break;
    case 'tool-call':
      names.set(part.id, part.name);
      turn.texts.push(tellCall(part));
      break;
    case 'tool-result':
      turn.texts.push(tellResult(part, part.name ?? names.get(part.toolCallId) ?? part.toolCallId, options.note));
      for (const inner of part.parts) if (inner.type !== 'text') addFile(turn, inner, options);
      break;
    default:
      addFile(turn, part, options);
  }
}

function addFile(turn: Turn, part: ImagePart | FilePart, { attach, note }: QueryOptions): void {
  const attachment = attach(part);
  if (attachment !== undefined) turn.attachments.push(attachment);
  else note(`A ${part.type} was left out: only the upstream that it was uploaded to can find it.`);
}

function noteLeftOut(request: ConversationRequest, note: (text: string) => void): void {
  noteExtras(request, note);
  const left = [
    ['max_tokens', request.maxOutputTokens],
    ['top_p', request.topP],
    ['seed', request.seed],
    ['frequency_penalty', request.frequencyPenalty],
    ['presence_penalty', request.presencePenalty],
  ].flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (left.length > 0) note(`Left out, as Poe’s bots have no field for it: ${left.join(', ')}.`);
}

/** Neither transport has a field for the form of an answer, so it is asked for in words; undefined where none is wanted. */
export function writeFormat({ responseFormat }: ConversationRequest, note: (text: string) => void): string | undefined {
  if (responseFormat === undefined || responseFormat.type === 'text') return undefined;
  note('The form of the answer was asked for in words: Poe has no field that holds a bot to it.');
  const only = 'Answer with one JSON value and nothing else: no words around it, no code fence.';
  if (responseFormat.type !== 'json-schema') return only;
  return `${only} It must fit this JSON Schema:\n${JSON.stringify(responseFormat.schema)}`;
}
