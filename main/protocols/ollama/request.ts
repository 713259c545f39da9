// Reads Ollama's chat and generate requests. Written by hand rather than as a schema: it runs on every request, and what
// it does not know it keeps (`metadata.ollama`) instead of refusing it.
import type {
  ConversationRequest,
  Json,
  JsonObject,
  Message,
  ReasoningRequest,
  ResponseFormat,
  Tool,
} from '../../canonical/conversation.ts';
import { asListOrNone, asNumber, asObject, asString, refuse } from '../kit/fields.ts';
import { asText } from './fields.ts';
import { readMessages, readParts } from './messages.ts';

/** A request and how it wants to be answered. */
export interface OllamaRequest {
  readonly conversation: ConversationRequest;
  readonly stream: boolean;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** Reads the parsed body of a chat. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readChatRequest(body: unknown): OllamaRequest {
  const { messages, tools, ...rest } = asObject(body, '');
  const notes: string[] = [];
  const list = asListOrNone(messages, 'messages');
  if (list.length === 0) refuse('messages', 'must hold at least one message');
  const read = readMessages(list, (text) => notes.push(text));
  const known = asListOrNone(tools, 'tools').map((tool, at) => readTool(tool, `tools[${at}]`));
  return readShared(rest, read, known.length === 0 ? undefined : known, notes);
}

/** Reads the parsed body of a generate call: one prompt without a history. Throws like `readChatRequest`. */
export function readGenerateRequest(body: unknown): OllamaRequest {
  const { prompt, system, images, suffix, template, context, raw, ...rest } = asObject(body, '');
  const notes: string[] = [];
  const instructions = asText(system, 'system');
  const text = asText(prompt, 'prompt');
  if (text === '' && asListOrNone(images, 'images').length === 0) refuse('prompt', 'must be a text that is not empty');
  if (asText(suffix, 'suffix') !== '')
    notes.push('The text that was to follow the answer (suffix) was left out: a conversation has no place for it.');
  if (asText(template, 'template') !== '') notes.push('The prompt template was left out: the upstream has its own.');
  if (asListOrNone(context, 'context').length > 0)
    notes.push('The earlier conversation (context) was left out: its numbers mean nothing to other models.');
  if (raw === true) notes.push('A raw prompt was asked for; it was sent as a message like any other.');
  const messages: Message[] = [{ role: 'user', parts: readParts(text, images, '') }];
  if (instructions !== '') messages.unshift({ role: 'system', parts: [{ type: 'text', text: instructions }] });
  return readShared(rest, messages, undefined, notes);
}

/** The model's name in a body that asks about it; older clients call the field `name`. */
export function readModelName(body: unknown): string {
  const { model, name } = asObject(body, '');
  return asString(model || name, 'model');
}

function readShared(
  body: JsonObject,
  messages: readonly Message[],
  tools: readonly Tool[] | undefined,
  notes: string[],
): OllamaRequest {
  // How long a model stays in memory is nothing that an upstream could be told.
  const { model, stream, format, think, options, keep_alive: _keepAlive, logprobs, ...fields } = body;
  const { sampling, unknown } = readOptions(options == null ? {} : asObject(options, 'options'));
  const names = Object.keys(unknown);
  if (names.length > 0) notes.push(`Options that only an Ollama server has were left out: ${names.join(', ')}.`);
  if (logprobs === true) notes.push('Log probabilities were asked for and are not passed on.');
  return {
    conversation: {
      model: asString(model, 'model'),
      messages,
      tools,
      ...sampling,
      responseFormat: readFormat(format),
      reasoning: readThink(think),
      metadata: { ollama: { fields, options: unknown } },
    },
    stream: stream !== false,
    notes,
  };
}

function readOptions(options: JsonObject) {
  const {
    temperature,
    top_p: topP,
    seed,
    stop,
    num_predict: numPredict,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
    ...unknown
  } = options;
  const limit = asNumber(numPredict, 'options.num_predict');
  const stops = (typeof stop === 'string' ? [stop] : asListOrNone(stop, 'options.stop')).map((text, at) =>
    asString(text, `options.stop[${at}]`),
  );
  const sampling = {
    temperature: asNumber(temperature, 'options.temperature'),
    topP: asNumber(topP, 'options.top_p'),
    seed: asNumber(seed, 'options.seed'),
    stop: stops.length === 0 ? undefined : stops,
    // Zero and less stand for no limit of the client's own.
    maxOutputTokens: limit !== undefined && limit > 0 ? limit : undefined,
    presencePenalty: asNumber(presencePenalty, 'options.presence_penalty'),
    frequencyPenalty: asNumber(frequencyPenalty, 'options.frequency_penalty'),
  };
  return { sampling, unknown };
}

function readFormat(value: Json | undefined): ResponseFormat | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value === 'json') return { type: 'json' };
  if (typeof value === 'string') return refuse('format', 'must be json or a JSON schema');
  return { type: 'json-schema', name: 'answer', schema: asObject(value, 'format') };
}

function readThink(value: Json | undefined): ReasoningRequest | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'boolean') return { enabled: value };
  return typeof value === 'string'
    ? { enabled: true, effort: value }
    : refuse('think', 'must be true, false or a word');
}

function readTool(value: Json, path: string): Tool {
  const { type, function: body, ...extra } = asObject(value, path);
  if (type !== undefined && type !== 'function') refuse(`${path}.type`, 'must be function');
  const { name, description, parameters, ...inner } = asObject(body, `${path}.function`);
  const unknown = { ...extra, ...inner };
  return {
    name: asString(name, `${path}.function.name`),
    description: typeof description === 'string' ? description : undefined,
    parameters: parameters == null ? undefined : asObject(parameters, `${path}.function.parameters`),
    ...(Object.keys(unknown).length === 0 ? undefined : { metadata: { ollama: unknown } }),
  };
}
