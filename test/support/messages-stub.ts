/** A stand-in for Anthropic's Messages API on loopback: it records every request and answers from a script. */

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  errorEnvelope,
  frameEvent,
  type MessageScript,
  type ScriptEvent,
  scriptEvents,
  wholeMessage,
} from './messages-script.ts';
import { type CacheCounts, createPromptCache } from './prompt-cache.ts';

/** The JSON body of a recorded request; fields beyond the usual ones are kept as they came. */
export interface RecordedBody {
  model?: string;
  stream?: boolean;
  max_tokens?: number;
  system?: unknown;
  messages?: Array<{ role: string; content: unknown }>;
  tools?: unknown[];
  [field: string]: unknown;
}

/** One request as the stub saw it. */
export interface RecordedRequest {
  method: string;
  /** Path with its query string. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON, or an empty object when there was none. */
  body: RecordedBody;
  rawBody: string;
  /** performance.now() at arrival of the whole body. */
  at: number;
  /** performance.now() when the client hung up before the answer's end. */
  closedAt?: number;
  /** True once the whole answer was handed to the network. */
  finished: boolean;
  /** What the cache made of it, where the stub has one. */
  counts?: CacheCounts;
}

/** Chooses the scripted answer for one request. */
export type ReplyHandler = (request: RecordedRequest) => MessageScript | Promise<MessageScript>;

/** What a test may choose when it starts the stub. */
export interface MessagesStubOptions {
  /** Answer of POST /v1/messages while the queue is empty; default: a small text. */
  fallback?: MessageScript | ReplyHandler;
  /** Model ids of GET /v1/models. */
  models?: string[];
  /** Answer of POST /v1/messages/count_tokens; default 42. */
  inputTokens?: number;
  /** Counts tokens as the real one does, those that its cache knows apart; counts of a script have the last word. */
  caches?: boolean;
}

/** A running stub. */
export interface MessagesStub {
  /** http://127.0.0.1:PORT, without a slash at the end. */
  url: string;
  /** Every request in order of arrival, those outside /v1/messages included. */
  requests: RecordedRequest[];
  /** Queues answers; each POST /v1/messages takes one. */
  reply(...answers: Array<MessageScript | ReplyHandler>): void;
  /** Resolves with the next request (default: to POST /v1/messages) that no earlier call was given. */
  waitForRequest(predicate?: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** Resolves when the exchange is over; `closedAt` tells a hang-up from a finished answer. */
  waitForClose(record: RecordedRequest): Promise<RecordedRequest>;
  /** Cuts every open connection and stops listening. */
  close(): Promise<void>;
}

/** What one exchange needs while it lasts. */
interface Exchange {
  record: RecordedRequest;
  response: ServerResponse;
  /** Number of the exchange, for its ids. */
  serial: number;
  /** Resolves when the response is over, however it ended. */
  over: Promise<void>;
  isOver: boolean;
  /** True when the stub itself cuts the connection. */
  cut: boolean;
}

interface Waiter {
  matches: (request: RecordedRequest) => boolean;
  resolve: (request: RecordedRequest) => void;
  reject: (error: Error) => void;
}

/** Starts the stub on a free loopback port. */
export async function startMessagesStub(options: MessagesStubOptions = {}): Promise<MessagesStub> {
  const queue: Array<MessageScript | ReplyHandler> = [];
  const requests: RecordedRequest[] = [];
  const exchanges = new Map<RecordedRequest, Exchange>();
  const handedOut = new Set<RecordedRequest>();
  const waiters = new Set<Waiter>();
  const cache = options.caches === true ? createPromptCache() : undefined;

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else response.writeHead(500).end(`The stub failed: ${String(error)}`);
    });
  });
  server.keepAliveTimeout = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = await readRequest(request);
    const exchange = openExchange(record, response, requests.push(record));
    exchanges.set(record, exchange);
    for (const waiter of waiters) {
      if (!waiter.matches(record)) continue;
      waiters.delete(waiter);
      handedOut.add(record);
      waiter.resolve(record);
      break;
    }
    if (isMessagesCall(record)) {
      const answer = queue.shift() ?? options.fallback ?? {};
      const script = typeof answer === 'function' ? await answer(record) : answer;
      const isGood = (script.status ?? 200) < 400;
      if (isGood && cache !== undefined) record.counts = cache.count(record.body);
      await answerMessage(exchange, { ...script, usage: { ...record.counts, ...script.usage } });
    } else {
      const body = sideAnswer(record, options);
      if (body !== undefined) sendJson(exchange, 200, body);
      else await answerMessage(exchange, { status: 404, message: `No route ${record.path}` });
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stub has no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    reply: (...answers) => void queue.push(...answers),
    waitForRequest: (matches = isMessagesCall) => {
      const known = requests.find((record) => !handedOut.has(record) && matches(record));
      if (known !== undefined) {
        handedOut.add(known);
        return Promise.resolve(known);
      }
      const waiting = new Promise<RecordedRequest>((resolve, reject) => waiters.add({ matches, resolve, reject }));
      waiting.catch(() => undefined);
      return waiting;
    },
    waitForClose: async (record) => {
      await exchanges.get(record)?.over;
      return record;
    },
    close: () =>
      new Promise((resolve) => {
        for (const waiter of waiters) waiter.reject(new Error('The stub closed before such a request came.'));
        for (const exchange of exchanges.values()) exchange.cut = true;
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const rawBody = Buffer.concat(chunks).toString('utf8');
  const { method = '', url: path = '', headers } = request;
  return { method, path, headers, body: parseBody(rawBody), rawBody, at: performance.now(), finished: false };
}

function parseBody(text: string): RecordedBody {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as RecordedBody) : {};
  } catch {
    return {};
  }
}

function openExchange(record: RecordedRequest, response: ServerResponse, serial: number): Exchange {
  const { promise: over, resolve } = deferred();
  const exchange: Exchange = { record, response, serial, over, isOver: false, cut: false };
  response.once('finish', () => {
    record.finished = true;
  });
  response.once('close', () => {
    exchange.isOver = true;
    if (!record.finished && !exchange.cut) record.closedAt = performance.now();
    resolve();
  });
  return exchange;
}

function isMessagesCall({ method, path }: RecordedRequest): boolean {
  return method === 'POST' && path.split('?')[0] === '/v1/messages';
}

function sideAnswer({ method, path }: RecordedRequest, options: MessagesStubOptions): object | undefined {
  const { pathname, searchParams } = new URL(path, 'http://stub');
  if (method === 'HEAD') return {};
  if (method === 'POST' && pathname === '/v1/messages/count_tokens') return { input_tokens: options.inputTokens ?? 42 };
  if (method !== 'GET' || pathname !== '/v1/models') return undefined;
  const all = options.models ?? ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];
  const ids = all.slice(0, Number(searchParams.get('limit') ?? 20));
  const data = ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
  return { data, has_more: ids.length < all.length, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null };
}

async function answerMessage(exchange: Exchange, script: MessageScript): Promise<void> {
  const { record } = exchange;
  const status = script.status ?? 200;
  const model = record.body.model ?? 'claude-stub';
  if (script.hang === 'before-headers') await exchange.over;
  else if (status >= 400) sendJson(exchange, status, errorEnvelope(script, requestId(exchange)), script.headers);
  else if (record.body.stream === true) await streamMessage(exchange, script, model);
  else if (script.hang === 'after-start') await exchange.over;
  else if (script.cutAfterDeltas !== undefined) cut(exchange);
  else sendJson(exchange, status, wholeMessage(script, messageId(exchange), model), script.headers);
}

async function streamMessage(exchange: Exchange, script: MessageScript, model: string): Promise<void> {
  const { response } = exchange;
  response.writeHead(script.status ?? 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId(exchange),
    ...script.headers,
  });
  let sent = 0;
  for (const event of scriptEvents(script, messageId(exchange), model)) {
    const isDelta = event.type === 'content_block_delta';
    if (isDelta) await beforeDelta(exchange, script, sent);
    if (exchange.isOver) return;
    await write(exchange, event);
    if (isDelta) sent += 1;
    else if (event.type !== 'message_start') continue;
    if (script.hang === 'after-start') await exchange.over;
    if (script.cutAfterDeltas === sent) cut(exchange);
    if (exchange.isOver || exchange.cut) return;
    if (script.errorAfterDeltas !== sent) continue;
    await write(exchange, errorEnvelope({ ...script, status: 529 }, requestId(exchange)));
    break;
  }
  response.end();
}

async function beforeDelta(exchange: Exchange, script: MessageScript, sent: number): Promise<void> {
  if (script.gate !== undefined) await Promise.race([script.gate.pass(), exchange.over]);
  if (script.delayMs !== undefined && sent > 0) await pause(exchange, script.delayMs);
  if (script.noise === true && !exchange.isOver) await write(exchange, { type: 'ping' });
}

async function pause(exchange: Exchange, milliseconds: number): Promise<void> {
  const { promise, resolve } = deferred();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([promise, exchange.over]);
  clearTimeout(timer);
}

/** Resolves when the event left for the network, so that a later cut cannot swallow it. */
async function write(exchange: Exchange, event: ScriptEvent): Promise<void> {
  const { promise, resolve } = deferred();
  exchange.response.write(frameEvent(event), () => resolve());
  await Promise.race([promise, exchange.over]);
}

function cut(exchange: Exchange): void {
  exchange.cut = true;
  exchange.response.destroy();
}

function sendJson(exchange: Exchange, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  exchange.response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'request-id': requestId(exchange),
    ...headers,
  });
  exchange.response.end(text);
}

function requestId(exchange: Exchange): string {
  return `req_stub_${exchange.serial}`;
}

function messageId(exchange: Exchange): string {
  return `msg_stub_${exchange.serial}`;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
