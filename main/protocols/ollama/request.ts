// Reads Ollama's chat and generate requests. Written by hand rather than as a schema: it runs on every request, and what
// it does not know it keeps (`metadata.ollama`) instead of refusing it.
import type { CompletionRequest } from '../../canonical/completion.ts';
import type {
  ConversationRequest,
  Json,
  JsonObject,
  Message,
  ReasoningRequest,
  ResponseFormat,
  Tool,
} from '../../canonical/conversation.ts';
import { asFlag, asListOrNone, asNumber, asObject, asString, refuse } from '../kit/fields.ts';
import { asText } from './fields.ts';
import { readMessages, readParts } from './messages.ts';

/** A request and how it wants to be answered. */
export interface OllamaRequest {
  readonly conversation: ConversationRequest;
  readonly stream: boolean;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** A text to be continued, and how the answer is wanted. */
export interface OllamaCompletionRequest {
  readonly completion: CompletionRequest;
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
  const { prompt, system, images, suffix: _suffix, template, context, raw: _raw, ...rest } = asObject(body, '');
  const notes: string[] = [];
  const instructions = asText(system, 'system');
  const text = asText(prompt, 'prompt');
  if (text === '' && asListOrNone(images, 'images').length === 0) refuse('prompt', 'must be a text that is not empty');
  if (asText(template, 'template') !== '') notes.push('The prompt template was left out: the upstream has its own.');
  noteContext(context, notes);
  const messages: Message[] = [{ role: 'user', parts: readParts(text, images, '') }];
  if (instructions !== '') messages.unshift({ role: 'system', parts: [{ type: 'text', text: instructions }] });
  return readShared(rest, messages, undefined, notes);
}

/** Whether a generate call wants its prompt continued as it stands: with a hole to fill, or with no template around it. */
export function isCompletion(body: unknown): boolean {
  const { suffix, raw } = asObject(body, '');
  return raw === true || asText(suffix, 'suffix') !== '';
}

/** Reads the parsed body of a generate call that `isCompletion`. Throws like `readChatRequest`. */
export function readCompletionRequest(body: unknown): OllamaCompletionRequest {
  const { prompt, suffix, system, images, template, context, raw: _raw, ...rest } = asObject(body, '');
  const notes: string[] = [];
  const left = [
    asText(system, 'system') === '' ? '' : 'system',
    asText(template, 'template') === '' ? '' : 'template',
    asListOrNone(images, 'images').length === 0 ? '' : 'images',
    rest.format === undefined || rest.format === null || rest.format === '' ? '' : 'format',
    rest.think === undefined || rest.think === null || rest.think === false ? '' : 'think',
  ].filter((name) => name !== '');
  if (left.length > 0) notes.push(`Left out, as a text that is continued has no place for it: ${left.join(', ')}.`);
  noteContext(context, notes);
  const { model, fields, sampling, stream, unknown } = readSettings(rest, notes);
  return {
    completion: {
      model,
      prompt: asText(prompt, 'prompt'),
      suffix: asText(suffix, 'suffix') || undefined,
      ...sampling,
      metadata: { ollama: { fields, options: unknown } },
    },
    stream,
    notes,
  };
}

function noteContext(context: Json | undefined, notes: string[]): void {
  if (asListOrNone(context, 'context').length === 0) return;
  notes.push('The earlier conversation (context) was left out: its numbers mean nothing to other models.');
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
  const { format, think, ...others } = body;
  const { model, fields, sampling, stream, unknown } = readSettings(others, notes);
  return {
    conversation: {
      model,
      messages,
      tools,
      ...sampling,
      responseFormat: readFormat(format),
      reasoning: readThink(think),
      metadata: { ollama: { fields, options: unknown } },
    },
    stream,
    notes,
  };
}

/** What every request has, whatever it asks for. */
function readSettings(body: JsonObject, notes: string[]) {
  // How long a model stays in memory is nothing that an upstream could be told.
  const { model, stream, options, keep_alive: _keepAlive, logprobs, ...fields } = body;
  const { sampling, unknown } = readOptions(options == null ? {} : asObject(options, 'options'));
  const names = Object.keys(unknown);
  if (names.length > 0) notes.push(`Options that only an Ollama server has were left out: ${names.join(', ')}.`);
  if (logprobs === true) notes.push('Log probabilities were asked for and are not passed on.');
  return { model: asString(model, 'model'), fields, sampling, stream: asFlag(stream, 'stream') !== false, unknown };
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
