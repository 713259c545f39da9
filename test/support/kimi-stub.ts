// Moonshot's platform, the Kimi Code plan, or an engine that serves the open models and leaks their raw tool tokens: on loopback,
// with the refusals, errors, balances and breakdowns of the real ones.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseChat } from './kimi-rules.ts';
import { chunk, DONE, json, type StubAnswer, textChunk, usageChunk, whole, wholeText } from './openai-stub.ts';
import { cutAt } from './tool-token-text.ts';

/** Whom the stub plays. */
export type KimiKind = 'platform' | 'code' | 'engine';

/** A request as it arrived. */
export interface KimiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every form
  readonly body: any;
}

/** What the model says; the stub writes it in the form that was asked for. */
export interface KimiReply {
  readonly reasoning?: string;
  readonly text?: string;
  readonly calls?: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments: string;
    readonly type?: string;
  }[];
  readonly finish?: string;
  /** The text of an engine's reply, tokens and all, in place of the rest. */
  readonly raw?: string;
  /** Where the text of a stream is cut into pieces; by default after every seventh character. */
  readonly every?: number;
  /** The stream breaks off behind its content. */
  readonly cut?: true;
  readonly usage?: object;
}

/** The running stub. */
export interface KimiStub {
  /** Base URL, ending in `/v1`. */
  readonly url: string;
  /** The host alone. */
  readonly origin: string;
  readonly requests: KimiRequest[];
  /** The keys that are taken. */
  readonly keys: Set<string>;
  models: readonly object[];
  balance: object;
  usages: object;
  /** What an engine without a parser refuses. */
  refuses: { toolChoice: boolean; skipSpecialTokens: boolean; chat: boolean };
  /** Answers the next request for a reply. */
  reply(answer: KimiReply | StubAnswer | ((request: KimiRequest) => KimiReply | StubAnswer)): void;
  /** Bodies of the requests for replies. */
  asked(): KimiRequest['body'][];
  close(): Promise<void>;
}

/** An error in Moonshot's form. */
export function refuseAs(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): StubAnswer {
  return json(status, { error: { type, message } }, headers);
}

/** The models that the platform lists. */
export const KIMI_MODELS: readonly object[] = [
  ['kimi-k3', 1_048_576, true, true],
  ['kimi-k2.6', 262_144, true, true],
  ['kimi-k2-thinking', 262_144, false, true],
  ['kimi-k2-0905-preview', 262_144, false, false],
  ['moonshot-v1-8k', 8_192, false, false],
].map(([id, context_length, supports_image_in, supports_reasoning]) => ({
  id,
  object: 'model',
  created: 0,
  owned_by: 'moonshot',
  context_length,
  supports_image_in,
  supports_video_in: false,
  supports_reasoning,
}));

const USAGE = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17, cached_tokens: 4 };

/** Starts a stub on a free loopback port. */
export async function startKimiStub(kind: KimiKind = 'platform', key = 'sk-kimi-stub-secret'): Promise<KimiStub> {
  const scripts: Parameters<KimiStub['reply']>[0][] = [];
  const stub = {
    requests: [] as KimiRequest[],
    keys: new Set([key]),
    models: KIMI_MODELS,
    balance: { available_balance: 49.5, voucher_balance: 46.5, cash_balance: 3 } as object,
    usages: {} as object,
    refuses: { toolChoice: false, skipSpecialTokens: false, chat: false },
  };
  const choose = (request: KimiRequest): StubAnswer => {
    const { path, headers } = request;
    const presented = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
    if (kind !== 'engine' && !stub.keys.has(String(presented)))
      return refuseAs(401, 'invalid_authentication_error', 'Invalid Authentication');
    if (path === '/v1/models') return json(200, { object: 'list', data: stub.models });
    if (path === '/v1/users/me/balance' && kind === 'platform')
      return json(200, { code: 0, data: stub.balance, scode: '0x0', status: true });
    if (path === '/v1/usages' && kind === 'code') return json(200, stub.usages);
    const surface = findSurface(path, kind);
    return surface === undefined ? json(404, { error: 'url.not_found' }) : answer(surface, request);
  };
  const answer = (surface: Surface, request: KimiRequest): StubAnswer => {
    const { body } = request;
    const refusal = surface === 'chat' ? refuse(body, kind, stub.refuses) : undefined;
    if (refusal !== undefined) return refusal;
    const script = scripts.shift() ?? { text: 'Hello.' };
    const chosen = typeof script === 'function' ? script(request) : script;
    if ('pieces' in chosen || 'status' in chosen) return chosen as StubAnswer;
    const says = chosen as KimiReply;
    if (surface === 'messages') return writeMessage(says, body.stream === true);
    if (surface === 'completions') return writeCompletion(says, body.stream === true);
    return body.stream === true ? writeStream(says) : writeWhole(says);
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const piece of request) chunks.push(piece as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url: path = '', headers } = request;
    const record = { method, path, headers, body: text === '' ? {} : JSON.parse(text) };
    stub.requests.push(record);
    await send(response, choose(record));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(stub, {
    origin,
    url: `${origin}/v1`,
    reply: (answer: Parameters<KimiStub['reply']>[0]) => void scripts.push(answer),
    asked: () => stub.requests.filter(({ path }) => findSurface(path, kind) !== undefined).map(({ body }) => body),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

type Surface = 'chat' | 'completions' | 'messages';

function findSurface(path: string, kind: KimiKind): Surface | undefined {
  if (path === '/v1/chat/completions') return 'chat';
  if (path === '/v1/completions' && kind === 'engine') return 'completions';
  if (path === '/anthropic/v1/messages' && kind === 'platform') return 'messages';
  return path === '/v1/messages' && kind !== 'platform' ? 'messages' : undefined;
}

function refuse(body: KimiRequest['body'], kind: KimiKind, refuses: KimiStub['refuses']): StubAnswer | undefined {
  if (kind === 'engine') {
    if (refuses.chat) return json(404, { detail: 'Not Found' });
    if (refuses.skipSpecialTokens && 'skip_special_tokens' in body)
      return json(400, { object: 'error', message: 'Unknown field: skip_special_tokens', type: 'BadRequestError' });
    if (refuses.toolChoice && body.tools !== undefined && body.tool_choice !== 'none') {
      const message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set';
      return json(400, { object: 'error', message, type: 'BadRequestError' });
    }
    return undefined;
  }
  const refusal = refuseChat(body, kind === 'code');
  return refusal && refuseAs(refusal.status, refusal.type, refusal.message);
}

const findFinish = ({ finish, calls = [], raw }: KimiReply) =>
  finish ?? (raw === undefined && calls.length > 0 ? 'tool_calls' : 'stop');

function writeCalls({ calls = [] }: KimiReply) {
  return calls.map(({ id, name, arguments: text, type = 'function' }, index) => ({
    index,
    id: id ?? `functions.${name}:${index}`,
    type,
    function: { name, arguments: text },
  }));
}

function writeWhole(reply: KimiReply): StubAnswer {
  const { reasoning, text = '', raw, usage = USAGE } = reply;
  const calls = writeCalls(reply).map(({ index: _, ...call }) => call);
  const message = {
    content: raw ?? text,
    ...(reasoning === undefined ? undefined : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? undefined : { tool_calls: calls }),
  };
  return whole(message, findFinish(reply), usage);
}

function split(text: string, every = 7): string[] {
  return cutAt(
    text,
    Array.from({ length: Math.ceil(text.length / every) }, (_, at) => at * every),
  );
}

function writeStream(reply: KimiReply): StubAnswer {
  const { reasoning = '', text = '', raw, every, usage = USAGE, cut } = reply;
  const pieces = [
    chunk({ role: 'assistant', content: '' }),
    ...split(reasoning, every).map((said) => chunk({ reasoning_content: said })),
    ...split(raw ?? text, every).map((content) => chunk({ content })),
    ...writeCalls(reply).flatMap(({ function: { name, arguments: said }, ...call }) => [
      chunk({ tool_calls: [{ ...call, function: { name, arguments: '' } }] }),
      ...split(said, every).map((piece) =>
        chunk({ tool_calls: [{ index: call.index, function: { arguments: piece } }] }),
      ),
    ]),
  ];
  // The counts stand in the choice of the last chunk with one, and again in a chunk of their own.
  const end = `data: ${JSON.stringify({ id: 'chatcmpl-stub', model: 'stub-1', choices: [{ index: 0, delta: {}, finish_reason: findFinish(reply), usage }] })}\n\n`;
  return {
    headers: { 'content-type': 'text/event-stream' },
    pieces: [[...pieces, ...(cut ? [] : [end, usageChunk(usage), DONE])].join('')],
    after: cut ? 'cut' : 'end',
  };
}

function writeCompletion({ raw = '', text, every, usage = USAGE }: KimiReply, stream: boolean): StubAnswer {
  const said = text ?? raw;
  if (!stream) return wholeText(said, usage);
  const pieces = [
    ...split(said, every).map((piece) => textChunk(piece)),
    textChunk('', 'stop'),
    usageChunk(usage),
    DONE,
  ];
  return { headers: { 'content-type': 'text/event-stream' }, pieces };
}

/** In Anthropic's form. */
function writeMessage(reply: KimiReply, stream: boolean): StubAnswer {
  const { reasoning, text = '', calls = [], cut } = reply;
  const content = [
    ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: 'c2ln' }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...calls.map(({ id, name, arguments: said }, index) => ({
      type: 'tool_use',
      id: id ?? `functions.${name}:${index}`,
      name,
      input: JSON.parse(said),
    })),
  ];
  const stop = { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null };
  const usage = { input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 5 };
  const head = { id: 'msg_stub', type: 'message', role: 'assistant', model: 'stub-1', usage };
  if (!stream) return json(200, { ...head, content, ...stop });
  const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const frames = content.flatMap((block, index) => {
    const start = (empty: object) => event('content_block_start', { index, content_block: empty });
    const delta = (fields: object) => event('content_block_delta', { index, delta: fields });
    const end = event('content_block_stop', { index });
    if (block.type === 'text' && 'text' in block)
      return [
        start({ type: 'text', text: '' }),
        ...split(String(block.text)).map((said) => delta({ type: 'text_delta', text: said })),
        end,
      ];
    if ('thinking' in block)
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        delta({ type: 'thinking_delta', thinking: block.thinking }),
        delta({ type: 'signature_delta', signature: block.signature }),
        end,
      ];
    if (!('input' in block)) return [];
    const { input, ...call } = block;
    return [
      start({ ...call, input: {} }),
      ...split(JSON.stringify(input)).map((said) => delta({ type: 'input_json_delta', partial_json: said })),
      end,
    ];
  });
  const tail = [event('message_delta', { delta: stop, usage: { output_tokens: 5 } }), event('message_stop', {})];
  return {
    headers: { 'content-type': 'text/event-stream' },
    pieces: [event('message_start', { message: { ...head, content: [] } }), ...frames, ...(cut ? [] : tail)],
    after: cut ? 'cut' : 'end',
  };
}

async function send(response: ServerResponse, { status = 200, headers = {}, pieces = [], after = 'end' }: StubAnswer) {
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
