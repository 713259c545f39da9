// A faithful K2-Think on loopback: the site with its sign-in, the site for guests and the official API, each with the forms of
// answers and refusals that clients of the real ones have met. Tokens end by the clock that a test turns.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One recorded request. */
export interface K2StubRequest {
  readonly host: 'web' | 'guest' | 'api';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly [key: string]: unknown };
  /** What stood in `authorization` behind `Bearer`. */
  readonly token: string;
  /** Resolves when the connection closes before the answer is complete. */
  readonly hungUp: Promise<void>;
}

/** Bytes for one request, as they are. */
export interface K2RawAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly pieces?: Iterable<string> | AsyncIterable<string>;
  readonly after?: 'end' | 'cut' | 'hang';
}

/** Words that the model says, sent in the form of whichever host is asked. */
export interface K2Words {
  readonly words: Iterable<string> | AsyncIterable<string>;
  readonly finish?: string;
  readonly usage?: object;
  /** What ends the stream; by default `[DONE]`. */
  readonly terminator?: string;
  readonly after?: 'end' | 'cut' | 'hang';
}

type Answer = K2RawAnswer | K2Words;
/** A script for one answer, or what makes one of the request. */
export type K2Script = Answer | ((request: K2StubRequest) => Answer);

/** The running stub; what is not said is as in the real one. */
export interface K2Stub {
  /** What an account puts in its `endpoints`. */
  readonly endpoints: { readonly web: string; readonly api: string };
  readonly requests: K2StubRequest[];
  /** Those for replies. */
  chats(): readonly K2StubRequest[];
  /** Those that sign in. */
  signIns(): readonly K2StubRequest[];
  /** Answers the next request for a reply. */
  reply(...scripts: K2Script[]): void;
  /** Answers every request for a reply that has no script of its own. */
  always: K2Script;
  /** Answers the next sign-in. */
  answerSignIn(...answers: K2RawAnswer[]): void;
  /** Passwords by e-mail. */
  readonly people: Map<string, string>;
  readonly keys: Set<string>;
  /** Where a sign-in puts the token. */
  tokenIn: 'body' | 'cookie';
  /** How long tokens live, in seconds; undefined for tokens that do not say it and live for ever. */
  lifeSeconds: number | undefined;
  /** What the site does when it is asked for a stream. */
  streaming: 'stream' | 'receipt' | 'whole' | 'refuse';
  models: readonly object[];
  /** The token that a person would find in a browser. */
  issue(email: string): string;
  /** Every token that was issued is refused from now on. */
  revokeAll(): void;
  close(): Promise<void>;
}

export const EMAIL = 'me@example.org';
export const PASSWORD = 'correct horse 42';
export const API_KEY = 'IFM-0123456789abcdef';
export const MODEL = 'MBZUAI-IFM/K2-Think-v2';

const SSE = { 'content-type': 'text/event-stream' };
const EXPIRED = 'Your session has expired or the token is invalid. Please sign in again.';

/** Any JSON answer. */
export function json(status: number, body: unknown, headers: K2RawAnswer['headers'] = {}): K2RawAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, pieces: [JSON.stringify(body)] };
}

/** A refusal in the site's form. */
export const refuse = (status: number, detail: string, headers?: K2RawAnswer['headers']) =>
  json(status, { detail }, headers);

/** A stream of these payloads. */
export function streamOf(payloads: readonly (object | string)[]): K2RawAnswer {
  const lines = payloads.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`);
  return { headers: SSE, pieces: lines };
}

/** The words of one answer. */
export const say = (...words: string[]): K2Words => ({ words });

/** A token as the site signs them. */
export function signToken(payload: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${head}.${createHmac('sha256', 'secret of the stub').update(head).digest('base64url')}`;
}

/** Starts a stub on a free loopback port; `now` is the clock that tokens end by, in milliseconds since 1970. */
export async function startK2Stub(now: () => number = Date.now): Promise<K2Stub> {
  const scripts: K2Script[] = [];
  const signIns: K2RawAnswer[] = [];
  const tokens = new Map<string, { email: string; endsAt: number }>();
  const stub = {
    requests: [] as K2StubRequest[],
    people: new Map([[EMAIL, PASSWORD]]),
    keys: new Set([API_KEY]),
    always: say('<think>Hm.</think>', 'Hello') as K2Script,
    tokenIn: 'body' as K2Stub['tokenIn'],
    lifeSeconds: 3600 as number | undefined,
    streaming: 'stream' as K2Stub['streaming'],
    models: [{ id: MODEL, name: 'K2 Think v2', owned_by: 'MBZUAI', status: 'active' }] as readonly object[],
  };
  const issue = (email: string): string => {
    const exp = stub.lifeSeconds === undefined ? undefined : Math.floor(now() / 1000) + stub.lifeSeconds;
    const token = signToken({ id: email, jti: randomUUID(), ...(exp === undefined ? {} : { exp }) });
    tokens.set(token, { email, endsAt: exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000 });
    return token;
  };
  const isIn = (token: string) => (tokens.get(token)?.endsAt ?? 0) > now();

  const signIn = ({ body }: K2StubRequest): Answer => {
    const scripted = signIns.shift();
    if (scripted !== undefined) return scripted;
    const email = String(body.email).toLowerCase();
    if (stub.people.get(email) === undefined || stub.people.get(email) !== body.password) {
      return refuse(
        400,
        'The email or password provided is incorrect. Please check for typos and try logging in again.',
      );
    }
    const token = issue(email);
    const person = { token_type: 'Bearer', expires_at: null, id: '7d0c', email, name: 'Me', role: 'user' };
    if (stub.tokenIn === 'body') return json(200, { token, ...person });
    return json(200, person, { 'set-cookie': ['lang=en; Path=/', `token=${token}; Path=/; HttpOnly; SameSite=lax`] });
  };
  const chat = (request: K2StubRequest): Answer => {
    const fault = findFault(request, stub.models);
    if (fault !== undefined) return fault;
    const { body } = request;
    if (request.host === 'web' && body.stream === true) {
      const hasIds = 'chat_id' in body && 'id' in body && 'session_id' in body;
      if (stub.streaming === 'receipt' || hasIds) return json(200, { status: true, task_id: randomUUID() });
      if (stub.streaming === 'refuse') return refuse(400, 'This model does not support streaming.');
    }
    const script = scripts.shift() ?? stub.always;
    return typeof script === 'function' ? script(request) : script;
  };
  const choose = (request: K2StubRequest): Answer => {
    const { path, host, token } = request;
    if (path === '/guest') return { headers: { 'content-type': 'text/html' }, pieces: ['<!doctype html><p>K2'] };
    if (path === '/api/v1/auths/signin') return signIn(request);
    if (host === 'guest') return chat(request);
    if (host === 'api') {
      if (!stub.keys.has(token))
        return json(401, { error: { message: 'Invalid API key.', type: 'authentication_error' } });
      return path.endsWith('/models') ? json(200, { object: 'list', data: stub.models }) : chat(request);
    }
    if (!isIn(token)) return refuse(401, EXPIRED);
    if (path === '/api/v1/auths/signout') {
      tokens.delete(token);
      return json(200, { status: true });
    }
    if (path === '/api/models') return json(200, { data: stub.models });
    if (path === '/api/chat/completions') return chat(request);
    return refuse(404, 'Not Found');
  };

  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming, response);
    stub.requests.push(request);
    const answer = choose(request);
    const isStream = request.host === 'guest' || (request.body.stream === true && stub.streaming !== 'whole');
    const raw = 'words' in answer ? (isStream ? writeStream(answer, request) : await writeWhole(answer)) : answer;
    await send(response, raw);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(stub, {
    endpoints: { web: base, api: `${base}/developer/v1` },
    chats: () => stub.requests.filter(({ path }) => path.endsWith('/chat/completions')),
    signIns: () => stub.requests.filter(({ path }) => path.endsWith('/signin')),
    reply: (...given: K2Script[]) => void scripts.push(...given),
    answerSignIn: (...given: K2RawAnswer[]) => void signIns.push(...given),
    issue,
    revokeAll: () => tokens.clear(),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<K2StubRequest> {
  const chunks: Buffer[] = [];
  for await (const piece of incoming) chunks.push(piece as Buffer);
  const text = Buffer.concat(chunks).toString();
  const path = (incoming.url ?? '').split('?')[0] ?? '';
  const guest = path === '/guest' || path.startsWith('/api/guest/');
  return {
    host: guest ? 'guest' : path.startsWith('/developer/') ? 'api' : 'web',
    method: incoming.method ?? '',
    path,
    headers: incoming.headers,
    body: text === '' ? {} : JSON.parse(text),
    token: incoming.headers.authorization?.replace(/^Bearer /, '') ?? '',
    hungUp: new Promise((resolve) => {
      response.on('close', () => response.writableFinished || resolve());
    }),
  };
}

/** What a host refuses in a body. */
function findFault({ host, body }: K2StubRequest, models: readonly object[]): K2RawAnswer | undefined {
  const known = models.some((model) => 'id' in model && model.id === body.model);
  const messages = body.messages as { role: string; content: unknown }[];
  if (!known) return refuse(400, 'Model not found');
  if (messages.some(({ role }) => !['system', 'user', 'assistant'].includes(role))) {
    return refuse(422, 'A message has an unknown role.');
  }
  if ('tools' in body || 'tool_choice' in body) return refuse(400, 'Tools are not supported.');
  if (host === 'guest' && messages.some(({ role }) => role === 'system')) {
    return refuse(400, 'Guests cannot set system prompts.');
  }
  if (host !== 'api') return undefined;
  for (const name of ['stream', 'max_tokens', 'response_format']) {
    if (name in body)
      return json(400, { error: { message: `${name} is not supported.`, type: 'invalid_request_error' } });
  }
  return undefined;
}

function writeStream(answer: K2Words, { host }: K2StubRequest): K2RawAnswer {
  async function* pieces() {
    let whole = '';
    for await (const word of answer.words) {
      whole += word;
      const content = host === 'guest' ? whole : word;
      yield `data: ${JSON.stringify({ choices: [{ delta: { role: 'assistant', content } }] })}\n\n`;
    }
    if (answer.after === 'cut') return;
    if (answer.finish !== undefined) {
      yield `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: answer.finish }] })}\n\n`;
    }
    if (answer.usage !== undefined) yield `data: ${JSON.stringify({ usage: answer.usage })}\n\n`;
    yield `data: ${answer.terminator ?? '[DONE]'}\n\n`;
  }
  return { headers: SSE, pieces: pieces(), after: answer.after };
}

async function writeWhole({ words, finish = 'stop', usage, after }: K2Words): Promise<K2RawAnswer> {
  let content = '';
  for await (const word of words) content += word;
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }];
  const whole = json(200, { id: 'chatcmpl-k2', object: 'chat.completion', created: 1, model: MODEL, choices, usage });
  if (after !== 'cut') return whole;
  return { ...whole, pieces: [...(whole.pieces as string[])].map((piece) => piece.slice(0, 60)), after };
}

async function send(response: ServerResponse, { status = 200, headers = {}, pieces = [], after = 'end' }: K2RawAnswer) {
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
