// A faithful Poe on loopback: bots, the OpenAI-compatible API, uploads, the balance and the files that bots make. Queries are
// held to the written protocol, and every way to refuse or misbehave can be scripted.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { say } from './poe-events.ts';
import { findQueryFaults } from './poe-rules.ts';

/** One recorded request. */
export interface PoeStubRequest {
  readonly plane: 'bot' | 'rest' | 'upload' | 'file';
  readonly method: string;
  /** Behind the plane. */
  readonly path: string;
  /** The bot that is asked, or the model of a chat. */
  readonly bot: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly [key: string]: unknown };
  readonly bytes: Buffer;
  /** Resolves with `performance.now()` when the connection closes before the answer is complete. */
  readonly hungUp: Promise<number>;
}

/** How one request is answered. */
export interface PoeStubAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Frames or other bytes, each written when the one before has been taken. */
  readonly pieces?: Iterable<string | Buffer> | AsyncIterable<string | Buffer>;
  /** What happens after the pieces: a proper end (default), a cut connection, or nothing at all. */
  readonly after?: 'end' | 'cut' | 'hang';
}

/** A script for one answer, or what makes one of the request. */
export type PoeScript = PoeStubAnswer | ((request: PoeStubRequest) => PoeStubAnswer);

/** The running stub; what is not said is as in the real one. */
export interface PoeStub {
  /** What an account puts in its `endpoints`. */
  readonly endpoints: { readonly bot: string; readonly rest: string; readonly upload: string };
  readonly requests: PoeStubRequest[];
  /** Those for replies, over either transport. */
  calls(): readonly PoeStubRequest[];
  /** Answers the next requests for a reply; without a script a short answer is sent. */
  reply(...answers: PoeScript[]): void;
  /** Answers every request for a reply that has no script of its own. */
  always: PoeScript;
  /** The list of bots. */
  models: readonly object[] | PoeStubAnswer;
  /** Whether there is such a bot; by default those of the list, and those whose name begins with `My`. */
  knows: (name: string) => boolean;
  /** Bots that refuse tools. */
  readonly withoutTools: Set<string>;
  balance: object | PoeStubAnswer;
  /** Answers uploads in place of taking them. */
  readonly uploadScripts: PoeStubAnswer[];
  /** The address of a picture that the stub serves. */
  readonly pictureUrl: string;
  /** Broken rules of all queries so far. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** The key that is let in. */
export const POE_KEY = 'poe-stub-key-0123456789';
/** A picture of one dot. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

const EVENTS = { 'content-type': 'text/event-stream; charset=utf-8' };

/** An answer of these events. */
export const eventsOf = (pieces: PoeStubAnswer['pieces'], after: PoeStubAnswer['after'] = 'end'): PoeStubAnswer => ({
  headers: EVENTS,
  pieces,
  after,
});

/** Any JSON answer. */
export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PoeStubAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  pieces: [JSON.stringify(body)],
});

/** A refusal as the API words it. */
export const refuse = (status: number, type: string, message: string, headers = {}): PoeStubAnswer =>
  json(status, { error: { code: status, type, message, metadata: {} } }, headers);

const hello = ({ plane, body }: PoeStubRequest): PoeStubAnswer => {
  if (plane === 'bot') return eventsOf([say.meta, say.text('Hel'), say.text('lo'), say.suggest('More?'), say.done]);
  return body.stream === true ? streamChat(['Hel', 'lo']) : wholeChat({ content: 'Hello' });
};

/** A streamed chat of the API. */
export function streamChat(words: readonly string[], deltas: readonly object[] = [], finish = 'stop'): PoeStubAnswer {
  const chunk = (delta: object, reason: string | null = null) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-poe', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  const usage = `data: ${JSON.stringify({ id: 'chatcmpl-poe', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: USAGE })}\n\n`;
  const frames = [...words.map((content) => chunk({ content })), ...deltas.map((delta) => chunk(delta))];
  return eventsOf([chunk({ role: 'assistant', content: '' }), ...frames, chunk({}, finish), usage, 'data: [DONE]\n\n']);
}

/** A whole chat of the API. */
export function wholeChat(message: object, finish = 'stop'): PoeStubAnswer {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish, logprobs: null }];
  return json(200, { id: 'chatcmpl-poe', object: 'chat.completion', created: 1, model: 'm', choices, usage: USAGE });
}

const USAGE = {
  prompt_tokens: 9,
  completion_tokens: 2,
  total_tokens: 11,
  prompt_tokens_details: {},
  completion_tokens_details: {},
};

/** Starts a stub on a free loopback port. */
export async function startPoeStub(): Promise<PoeStub> {
  const scripts: PoeScript[] = [];
  const state = {
    requests: [] as PoeStubRequest[],
    always: hello as PoeScript,
    models: MODELS as PoeStub['models'],
    knows: (name: string) => name.startsWith('My') || findModel(name) !== undefined,
    withoutTools: new Set<string>(),
    balance: { current_point_balance: 1500 } as PoeStub['balance'],
    uploadScripts: [] as PoeStubAnswer[],
    faults: [] as string[],
  };
  let uploads = 0;
  let origin = '';

  const answerReply = (request: PoeStubRequest): PoeStubAnswer => {
    const { plane, bot, body } = request;
    if (plane === 'bot') {
      const faults = findQueryFaults(body);
      state.faults.push(...faults);
      if (faults.length > 0) return json(422, { detail: faults });
    }
    const tools = Array.isArray(body.tools);
    if (!state.knows(bot))
      return plane === 'bot'
        ? json(404, { detail: `Bot ${bot} not found` })
        : refuse(404, 'not_found_error', `The model ${bot} does not exist`);
    if (tools && state.withoutTools.has(bot))
      return plane === 'bot'
        ? eventsOf([say.error(`${bot} does not support tools`, false)])
        : refuse(400, 'invalid_request_error', `${bot} does not support tools`);
    const script = scripts.shift() ?? state.always;
    return typeof script === 'function' ? script(request) : script;
  };
  const answerUpload = ({ headers, body, bytes }: PoeStubRequest): PoeStubAnswer => {
    const script = state.uploadScripts.shift();
    if (script !== undefined) return script;
    if (headers.authorization !== POE_KEY) return json(403, { detail: 'Invalid key' });
    uploads += 1;
    const url = `${origin}/file/upload-${uploads}`;
    if (typeof body.download_url === 'string') return json(200, { attachment_url: url, mime_type: 'image/webp' });
    const type = /content-type: ([^\r]+)\r\n\r\n/i.exec(bytes.toString('latin1'))?.[1];
    if (type === undefined) return json(400, { detail: 'No file' });
    return json(200, { attachment_url: url, mime_type: type });
  };
  const answerRest = (request: PoeStubRequest): PoeStubAnswer => {
    // The list is public.
    if (request.path === '/v1/models')
      return isAnswer(state.models) ? state.models : json(200, { object: 'list', data: state.models });
    if (request.headers.authorization !== `Bearer ${POE_KEY}`)
      return refuse(401, 'authentication_error', 'Invalid API key');
    if (request.path === '/usage/current_balance')
      return isAnswer(state.balance) ? state.balance : json(200, state.balance);
    if (request.path === '/v1/chat/completions') return answerReply(request);
    return refuse(404, 'not_found_error', 'Not found');
  };
  const answer = (request: PoeStubRequest): PoeStubAnswer => {
    switch (request.plane) {
      case 'rest':
        return answerRest(request);
      case 'upload':
        return answerUpload(request);
      case 'file':
        return { headers: { 'content-type': 'image/png' }, pieces: [PICTURE] };
      default:
        if (request.headers.authorization !== `Bearer ${POE_KEY}`) return json(401, { detail: 'Invalid API key' });
        return answerReply(request);
    }
  };

  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming, response);
    state.requests.push(request);
    await send(response, answer(request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    endpoints: { bot: `${origin}/bot/`, rest: `${origin}/rest`, upload: `${origin}/upload` },
    pictureUrl: `${origin}/file/out.png`,
    calls: () =>
      state.requests.filter(
        ({ plane, path }) => plane === 'bot' || (plane === 'rest' && path === '/v1/chat/completions'),
      ),
    reply: (...answers: PoeScript[]) => void scripts.push(...answers),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

const isAnswer = (value: object): value is PoeStubAnswer => 'pieces' in value || 'status' in value;

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<PoeStubRequest> {
  const chunks: Buffer[] = [];
  for await (const piece of incoming) chunks.push(piece as Buffer);
  const bytes = Buffer.concat(chunks);
  const { pathname } = new URL(incoming.url ?? '/', 'http://stub');
  const [, plane, ...rest] = pathname.split('/');
  const body = readBody(bytes, String(incoming.headers['content-type']));
  return {
    plane: plane as PoeStubRequest['plane'],
    method: incoming.method ?? '',
    path: `/${rest.join('/')}`,
    bot: plane === 'bot' ? decodeURIComponent(rest[0] ?? '') : String(body.model ?? ''),
    headers: incoming.headers,
    body,
    bytes,
    hungUp: new Promise((resolve) => {
      response.on('close', () => response.writableFinished || resolve(performance.now()));
    }),
  };
}

function readBody(bytes: Buffer, type: string): PoeStubRequest['body'] {
  if (type.startsWith('application/json')) return JSON.parse(bytes.toString());
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(bytes.toString()));
  return {};
}

async function send(
  response: ServerResponse,
  { status = 200, headers = {}, pieces = [], after = 'end' }: PoeStubAnswer,
) {
  response.writeHead(status, headers);
  response.flushHeaders();
  const gone = new Promise((resolve) => response.once('close', resolve));
  for await (const piece of pieces) {
    if (response.destroyed) return;
    await Promise.race([new Promise((resolve) => response.write(piece, resolve)), gone]);
  }
  if (after === 'end') response.end();
  if (after === 'cut') response.destroy();
}

const bot = (name: string, extra: object = {}) => ({
  id: name.toLowerCase(),
  object: 'model',
  created: 1_770_262_891_433,
  owned_by: 'Poe',
  description: '',
  architecture: { input_modalities: ['text'], output_modalities: ['text'], modality: 'text->text' },
  supported_features: [],
  supported_endpoints: [],
  pricing: null,
  context_window: null,
  context_length: null,
  metadata: { display_name: name, url: `https://poe.com/${name}` },
  reasoning: null,
  parameters: [],
  ...extra,
});

/** A list as the API gives it. */
export const MODELS: readonly object[] = [
  bot('Claude-Sonnet-4.6', {
    owned_by: 'Anthropic',
    architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
    supported_features: ['web_search', 'tools'],
    pricing: { prompt: '0.0000025758', completion: '0.0000128788', image: null, request: null },
    context_window: { context_length: 983_040, max_output_tokens: 128_000 },
    reasoning: { budget: null, required: false, supports_reasoning_effort: false },
    parameters: [
      { name: 'web_search', schema: { type: 'boolean' }, default_value: true },
      { name: 'thinking_budget', schema: { type: 'integer' } },
    ],
  }),
  bot('GPT-5.4', {
    owned_by: 'OpenAI',
    supported_features: ['tools'],
    parameters: [{ name: 'reasoning_effort', schema: { type: 'string', enum: ['low', 'medium', 'high'] } }],
  }),
  bot('DeepSeek-V3.2'),
  bot('GPT-Image-2', {
    architecture: { input_modalities: ['text', 'image'], output_modalities: ['image'] },
    pricing: { prompt: null, completion: null, image: null, request: '250' },
    parameters: [
      { name: 'aspect', schema: { type: 'string', enum: ['1:1', '3:2', '2:3'] } },
      { name: 'quality', schema: { type: 'string', enum: ['low', 'high'] } },
    ],
  }),
  bot('Nano-Banana-2', { architecture: { input_modalities: ['text'], output_modalities: ['image'] } }),
];

const findModel = (name: string) =>
  MODELS.find((model) => {
    const { id, metadata } = model as { id: string; metadata: { display_name: string } };
    return id === name || metadata.display_name === name;
  });
