// An upstream of two dialects, OpenAI's chat and Anthropic's messages, that keeps the very bytes it was sent, is told for each
// request what to do, and can die in the middle of everything.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request for a reply. */
export interface RawRequest {
  /** The body as it came. */
  readonly body: string;
  /** Its number at this upstream, from 0. */
  readonly index: number;
  readonly response: ServerResponse;
  readonly dialect: 'openai' | 'anthropic';
}

/** The running upstream. */
export interface RawUpstream {
  /** Base URL, ending in `/v1`. */
  readonly url: string;
  readonly requests: RawRequest[];
  /** What is done with the requests from now on; they are answered with `Hello` until it is set. */
  act: (request: RawRequest) => void;
  /** Resolves when so many requests have come. */
  arrived(count: number): Promise<void>;
  /** Cuts every connection and listens no more. */
  kill(): Promise<void>;
}

const OPENAI = (choice: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [choice] })}\n\n`;
const ANTHROPIC = (event: { readonly type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Sends the head and `words`, and leaves the answer open. */
export function begin({ response, dialect }: RawRequest, words?: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1 } };
  if (dialect === 'anthropic') response.write(ANTHROPIC({ type: 'message_start', message } as never));
  if (words === undefined) return;
  if (dialect === 'openai') response.write(OPENAI({ index: 0, delta: { role: 'assistant', content: words } }));
  else {
    const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } };
    response.write(ANTHROPIC(block) + ANTHROPIC(delta));
  }
}

/** Ends an answer that was begun with words as the dialect ends it. */
function end({ response, dialect }: RawRequest): void {
  if (dialect === 'openai') response.end(`${OPENAI({ index: 0, delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`);
  else {
    const stop = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } };
    const frames = [{ type: 'content_block_stop', index: 0 }, stop, { type: 'message_stop' }];
    response.end(frames.map(ANTHROPIC).join(''));
  }
}

/** Answers with words and is done; in one piece where no stream was asked for. */
export function answer(request: RawRequest, words = 'Hello'): void {
  const { response, body, dialect } = request;
  if (JSON.parse(body).stream === true) {
    begin(request, words);
    end(request);
    return;
  }
  const chat = { choices: [{ index: 0, message: { role: 'assistant', content: words }, finish_reason: 'stop' }] };
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn' };
  const whole = { ...message, content: [{ type: 'text', text: words }], usage: { input_tokens: 1, output_tokens: 1 } };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(dialect === 'openai' ? { id: 'c', object: 'chat.completion', ...chat } : whole));
}

/** Refuses. */
export function refuse(
  { response }: RawRequest,
  status: number,
  message: string,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message } }));
}

/** Starts an upstream that offers these models, on a free loopback port. */
export async function startRawUpstream(models: readonly string[] = ['m']): Promise<RawUpstream> {
  const waits: { readonly count: number; readonly resolve: () => void }[] = [];
  const upstream = { requests: [] as RawRequest[], act: (request: RawRequest) => answer(request) };
  const check = () => {
    for (const { count, resolve } of waits) if (upstream.requests.length >= count) resolve();
  };
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    if (path.endsWith('/models')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: models.map((id) => ({ id, object: 'model' })) }));
      return;
    }
    const body = await readText(request);
    const dialect = path.endsWith('/messages') ? 'anthropic' : 'openai';
    const record: RawRequest = { body, index: upstream.requests.length, response, dialect };
    upstream.requests.push(record);
    upstream.act(record);
    check();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    arrived: (count: number) =>
      new Promise<void>((resolve) => {
        waits.push({ count, resolve });
        check();
      }),
    kill: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  });
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
