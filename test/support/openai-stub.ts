// A scripted upstream that speaks OpenAI's chat and legacy completions, embeddings and images, with every way to misbehave that clients of one have met.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One recorded request. */
export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly [key: string]: unknown };
  /** Resolves with `performance.now()` when the connection closes before the answer is complete. */
  readonly hungUp: Promise<number>;
}

/** How one request is answered. */
export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body in pieces, each written when the one before has been taken. */
  readonly pieces?: Iterable<string | Buffer> | AsyncIterable<string | Buffer>;
  /** What happens after the pieces: a proper end (default), a cut connection, or nothing at all. */
  readonly after?: 'end' | 'cut' | 'hang';
}

/** The running stub. */
export interface OpenAiStub {
  /** Base URL, ending in `/v1`. */
  readonly url: string;
  readonly requests: StubRequest[];
  /** Answers the next request; without a script a short answer is sent. */
  reply(answer: StubAnswer | ((request: StubRequest) => StubAnswer)): void;
  /** What `GET /models` answers; an answer instead of names for a misbehaving list. */
  models: readonly string[] | StubAnswer;
  /** Paths that are answered with 404. */
  missing: (path: string) => boolean;
  close(): Promise<void>;
}

/** A chat completion chunk as a frame. */
export function chunk(delta: object, finishReason: string | null = null, extra: object = {}): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-stub', object: 'chat.completion.chunk', created: 1, model: 'stub-1', choices, ...extra })}\n\n`;
}

/** The chunk with the token counts. */
export function usageChunk(usage: object): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-stub', object: 'chat.completion.chunk', created: 1, model: 'stub-1', choices: [], usage })}\n\n`;
}

export const DONE = 'data: [DONE]\n\n';

/** A streamed answer that says `words`. */
export function streamOf(
  words: readonly string[],
  usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
): StubAnswer {
  return {
    headers: { 'content-type': 'text/event-stream' },
    pieces: [
      chunk({ role: 'assistant', content: '' }),
      ...words.map((content) => chunk({ content })),
      chunk({}, 'stop'),
      usageChunk(usage),
      DONE,
    ],
  };
}

/** A whole answer. */
export function whole(message: object, finishReason = 'stop', usage: object | undefined = undefined): StubAnswer {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason }];
  return json(200, { id: 'chatcmpl-stub', object: 'chat.completion', created: 1, model: 'stub-1', choices, usage });
}

/** A chunk of a legacy completion as a frame. */
export function textChunk(text: string, finishReason: string | null = null): string {
  const choices = [{ index: 0, text, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: 'cmpl-stub', object: 'text_completion', created: 1, model: 'stub-1', choices })}\n\n`;
}

/** A whole legacy completion. */
export function wholeText(text: string, usage: object | undefined = undefined): StubAnswer {
  const choices = [{ index: 0, text, logprobs: null, finish_reason: 'stop' }];
  return json(200, { id: 'cmpl-stub', object: 'text_completion', created: 1, model: 'stub-1', choices, usage });
}

/** Embeddings as they are given: numbers or base64. */
export function embeddings(
  vectors: readonly (readonly number[] | string)[],
  usage: object | undefined = { prompt_tokens: 8, total_tokens: 8 },
): StubAnswer {
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  return json(200, { object: 'list', data, model: 'stub-1', usage });
}

/** Any JSON answer. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): StubAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, pieces: [JSON.stringify(body)] };
}

/** Starts a stub on a free loopback port. */
export async function startOpenAiStub(): Promise<OpenAiStub> {
  const scripts: (StubAnswer | ((request: StubRequest) => StubAnswer))[] = [];
  const stub = {
    requests: [] as StubRequest[],
    models: ['stub-1'] as OpenAiStub['models'],
    missing: (_path: string) => false,
  };

  const choose = (record: StubRequest): StubAnswer => {
    if (stub.missing(record.path)) return json(404, { error: { message: `no route ${record.path}` } });
    if (record.path.endsWith('/models')) {
      const { models } = stub;
      if (!('length' in models)) return models;
      return json(200, {
        object: 'list',
        data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'stub' })),
      });
    }
    const script = scripts.shift();
    if (typeof script === 'function') return script(record);
    if (script !== undefined) return script;
    if (record.path.endsWith('/v1/completions')) return answerCompletion(record);
    if (record.path.endsWith('/embeddings')) return answerEmbeddings(record);
    return record.body.stream === true ? streamOf(['Hel', 'lo']) : whole({ content: 'Hello' });
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const piece of request) chunks.push(piece as Buffer);
    const text = Buffer.concat(chunks).toString();
    const hungUp = new Promise<number>((resolve) => {
      response.on('close', () => response.writableFinished || resolve(performance.now()));
    });
    const record: StubRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? {} : JSON.parse(text),
      hungUp,
    };
    stub.requests.push(record);
    await send(response, choose(record));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(stub, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    reply: (answer: StubAnswer | ((request: StubRequest) => StubAnswer)) => {
      scripts.push(answer);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function answerCompletion({ body }: StubRequest): StubAnswer {
  if (body.stream !== true) return wholeText('Hello');
  const usage = usageChunk({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
  const pieces = [textChunk('Hel'), textChunk('lo'), textChunk('', 'stop'), usage, DONE];
  return { headers: { 'content-type': 'text/event-stream' }, pieces };
}

/** One short vector for each input, in the form that was asked for. */
function answerEmbeddings({ body: { input, encoding_format: encoding } }: StubRequest): StubAnswer {
  const count = Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
  const numbers = Array.from({ length: count }, (_, at) => [at, 0.5, -2]);
  if (encoding !== 'base64') return embeddings(numbers);
  return embeddings(numbers.map((vector) => Buffer.from(new Float32Array(vector).buffer).toString('base64')));
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
