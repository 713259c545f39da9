// A faithful Kiro on loopback: runtime and control plane with all forms of address, binary event streams, and every way to
// refuse or misbehave that clients of the real one have met. Logins are not its business.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { frames } from './kiro-frames.ts';
import { findBrokenRules } from './kiro-rules.ts';

/** One recorded request. */
export interface KiroStubRequest {
  readonly plane: 'runtime' | 'management';
  readonly region: string;
  /** Which form of address was used; a control call is named by its operation. */
  readonly style: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly token: string;
  readonly body: { readonly [key: string]: unknown };
  /** Resolves with `performance.now()` when the connection closes before the answer is complete. */
  readonly hungUp: Promise<number>;
}

/** How one request is answered. */
export interface KiroStubAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Frames or other bytes, each written when the one before has been taken. */
  readonly pieces?: Iterable<string | Buffer> | AsyncIterable<string | Buffer>;
  /** What happens after the pieces: a proper end (default), a cut connection, or nothing at all. */
  readonly after?: 'end' | 'cut' | 'hang';
}

/** A script for one answer, or what makes one of the request. */
export type KiroScript = KiroStubAnswer | ((request: KiroStubRequest) => KiroStubAnswer);

/** The running stub; what is not said is as in the real one. */
export interface KiroStub {
  /** What an account puts in its `endpoints`. */
  readonly endpoints: { readonly runtime: string; readonly management: string };
  readonly requests: KiroStubRequest[];
  /** Those for replies. */
  calls(): readonly KiroStubRequest[];
  /** Answers the next request for a reply; without a script a short answer is sent. */
  reply(...answers: KiroScript[]): void;
  /** Answers every request for a reply that has no script of its own. */
  always: KiroScript;
  /** Tokens that are let in, with the profile that belongs to each; `none` for keys, which must not name one. */
  readonly tokens: Map<string, string>;
  /** The profile of a token; undefined for one that is not let in. By default as `tokens` says. */
  profileOf: (token: string) => string | undefined;
  /** Forms of address that are refused, whatever they ask. */
  readonly refused: Map<string, KiroScript>;
  /** What `ListAvailableModels` knows, by region and profile; in pages of two. */
  models: (region: string, profileArn: string | undefined) => readonly object[];
  /** What `GetUsageLimits` says. */
  usage: object;
  /** What a search finds. */
  search: (query: string) => KiroStubAnswer | readonly object[];
  /** What is wrong with a body; empty for a good one. By default the written rules of the upstream. */
  rules: (body: KiroStubRequest['body']) => readonly string[];
  /** Broken rules of all requests so far. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** The profile of the stub's own token. */
export const PROFILE = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE';
/** The token that is let in at first. */
export const TOKEN = 'aoa-stub-token-0123456789';
/** An API key that is let in at first. */
export const API_KEY = 'ksk_stub-key-0123456789';

const TARGET = 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse';
const PAGE = 2;

/** Any JSON answer. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): KiroStubAnswer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    pieces: [JSON.stringify(body)],
  };
}

/** A refusal as the real one words it. */
export function refuse(
  status: number,
  message: string,
  reason: string | null = null,
  headers: Readonly<Record<string, string>> = {},
): KiroStubAnswer {
  return json(status, { message, reason }, headers);
}

/** An answer of these frames. */
export function streamOf(pieces: KiroStubAnswer['pieces'], after: KiroStubAnswer['after'] = 'end'): KiroStubAnswer {
  return { headers: { 'content-type': 'application/vnd.amazon.eventstream' }, pieces, after };
}

/** A short answer that is complete. */
export const hello = () => streamOf([frames.text('Hel', 'claude-sonnet-4.5'), frames.text('lo'), frames.tail()]);

/** Starts a stub on a free loopback port. */
export async function startKiroStub(): Promise<KiroStub> {
  const scripts: KiroScript[] = [];
  const tokens = new Map([
    [TOKEN, PROFILE],
    [API_KEY, 'none'],
  ]);
  const state = {
    requests: [] as KiroStubRequest[],
    tokens,
    profileOf: (token: string) => tokens.get(token),
    always: hello as KiroScript,
    refused: new Map<string, KiroScript>(),
    models: (() => MODELS) as KiroStub['models'],
    usage: USAGE as object,
    search: ((query) => [
      {
        title: `About ${query}`,
        url: 'https://example.com/1',
        snippet: 'A snippet.',
        publishedDate: 1_750_000_000_000,
      },
    ]) as KiroStub['search'],
    rules: ((body) => findBrokenRules(JSON.stringify(body))) as KiroStub['rules'],
    faults: [] as string[],
  };

  const answerCall = (request: KiroStubRequest): KiroStubAnswer => {
    const wrong = findMixture(request) ?? checkToken(request, state.profileOf(request.token), request.body.profileArn);
    if (wrong !== undefined) return wrong;
    const faults = state.rules(request.body);
    state.faults.push(...faults);
    if (faults.length > 0) return refuse(400, 'Improperly formed request.');
    const script = scripts.shift() ?? state.always;
    return typeof script === 'function' ? script(request) : script;
  };
  const answer = (request: KiroStubRequest): KiroStubAnswer => {
    const barred = state.refused.get(request.style) ?? state.refused.get(request.path);
    if (barred !== undefined) return typeof barred === 'function' ? barred(request) : barred;
    if (request.plane === 'management') return answerControl(request, state);
    if (request.style === 'mcp') return answerSearch(request, state);
    if (request.style === 'unknown') return json(404, { __type: 'UnknownOperationException' });
    return answerCall(request);
  };

  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming, response);
    state.requests.push(request);
    await send(response, answer(request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    endpoints: { runtime: `${origin}/runtime/{region}`, management: `${origin}/management/{region}` },
    calls: () => state.requests.filter(({ plane, style }) => plane === 'runtime' && style !== 'mcp'),
    reply: (...answers: KiroScript[]) => {
      scripts.push(...answers);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<KiroStubRequest> {
  const chunks: Buffer[] = [];
  for await (const piece of incoming) chunks.push(piece as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(incoming.url ?? '/', 'http://stub');
  const [, plane, region = '', ...rest] = url.pathname.split('/');
  const body = text === '' ? {} : JSON.parse(text);
  const { headers, method = '' } = incoming;
  const path = `/${rest.join('/')}`;
  return {
    plane: plane === 'management' ? 'management' : 'runtime',
    region,
    style: plane === 'management' ? nameOperation(path, headers) : nameStyle(path, headers),
    method,
    path,
    query: Object.fromEntries(url.searchParams),
    headers,
    token: String(headers.authorization ?? '').replace('Bearer ', ''),
    body,
    hungUp: new Promise((resolve) => {
      response.on('close', () => response.writableFinished || resolve(performance.now()));
    }),
  };
}

const isIde = (headers: IncomingMessage['headers']) => String(headers['user-agent']).includes('KiroIDE-');

function nameStyle(path: string, headers: IncomingMessage['headers']): string {
  if (path === '/mcp') return 'mcp';
  const target = headers['x-amz-target'];
  const client = isIde(headers) ? 'ide' : 'cli';
  if (path === '/generateAssistantResponse') return target === undefined ? `path-${client}` : 'unknown';
  return path === '/' && target === TARGET ? `root-${client}` : 'unknown';
}

function nameOperation(path: string, headers: IncomingMessage['headers']): string {
  const target = String(headers['x-amz-target'] ?? '');
  if (path === '/') return target;
  return `GET ${path}`;
}

/** Requests that are written like two clients at once are not let in. */
function findMixture({ headers, body }: KiroStubRequest): KiroStubAnswer | undefined {
  const state = (body.conversationState ?? {}) as { currentMessage?: { userInputMessage?: { origin?: string } } };
  const origin = state.currentMessage?.userInputMessage?.origin;
  const fits = isIde(headers) ? origin === 'AI_EDITOR' : origin === 'KIRO_CLI';
  return fits ? undefined : refuse(403, 'The bearer token included in the request is invalid.');
}

function checkToken(
  { headers }: KiroStubRequest,
  profile: string | undefined,
  profileArn: unknown,
): KiroStubAnswer | undefined {
  const invalid = refuse(403, 'The bearer token included in the request is invalid.');
  if (profile === undefined) return invalid;
  if (profile === 'none') return profileArn === undefined && headers.tokentype === 'API_KEY' ? undefined : invalid;
  if (profile === 'any') return undefined;
  if (profileArn === undefined) return refuse(400, 'profileArn is required for this request.');
  return profileArn === profile ? undefined : invalid;
}

function answerControl(
  request: KiroStubRequest,
  state: Pick<KiroStub, 'profileOf' | 'models' | 'usage'>,
): KiroStubAnswer {
  const asked = request.method === 'GET' ? request.query : (request.body as Record<string, string>);
  const profileArn = asked.profileArn;
  const profile = state.profileOf(request.token);
  if (profile === undefined) return refuse(403, 'Token expired');
  if (request.style.endsWith('.ListAvailableProfiles'))
    return json(200, { profiles: profile.startsWith('arn:') ? [{ arn: profile }] : [], nextToken: null });
  if (profile !== 'none' && profileArn === undefined && !request.path.startsWith('/L'))
    return refuse(400, 'Invalid profileArn.');
  const operation = request.style.toLowerCase().replaceAll('-', '');
  if (operation.endsWith('getusagelimits')) return json(200, state.usage);
  if (!operation.endsWith('listavailablemodels')) return json(404, { __type: 'UnknownOperationException' });
  const from = Number(asked.nextToken ?? 0);
  const all = state.models(request.region, profileArn);
  const nextToken = from + PAGE < all.length ? String(from + PAGE) : null;
  return json(200, { models: all.slice(from, from + PAGE), defaultModel: { modelId: 'auto' }, nextToken });
}

function answerSearch(request: KiroStubRequest, state: Pick<KiroStub, 'profileOf' | 'search'>): KiroStubAnswer {
  const wrong = state.profileOf(request.token) === undefined ? refuse(403, 'Token expired') : undefined;
  if (wrong !== undefined) return wrong;
  const { id, params } = request.body as { id: string; params: { arguments: { query: string } } };
  const { query } = params.arguments;
  const found = state.search(query);
  if (!Array.isArray(found)) return found as KiroStubAnswer;
  const text = JSON.stringify({ results: found, totalResults: found.length, query });
  return json(200, { id, jsonrpc: '2.0', result: { content: [{ type: 'text', text }] } });
}

async function send(
  response: ServerResponse,
  { status = 200, headers = {}, pieces = [], after = 'end' }: KiroStubAnswer,
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

/** A list as a Pro account gets it. */
export const MODELS: readonly object[] = [
  { modelId: 'auto', modelName: 'Auto', supportedInputTypes: ['TEXT', 'IMAGE'] },
  {
    modelId: 'claude-sonnet-4.6',
    modelName: 'Claude Sonnet 4.6',
    rateMultiplier: 1.3,
    rateUnit: 'credit',
    supportedInputTypes: ['TEXT', 'IMAGE'],
    tokenLimits: { maxInputTokens: 1_000_000, maxOutputTokens: 64_000 },
    promptCaching: { supportsPromptCaching: true, maximumCacheCheckpointsPerRequest: 4 },
    additionalModelRequestFieldsSchema: {
      type: 'object',
      properties: {
        thinking: {
          properties: { type: { enum: ['adaptive', 'disabled'] }, display: { enum: ['summarized', 'omitted'] } },
        },
        output_config: { properties: { effort: { enum: ['low', 'medium', 'high', 'max'] } } },
      },
    },
  },
  { modelId: 'claude-haiku-4.5', modelName: 'Claude Haiku 4.5', supportedInputTypes: ['TEXT', 'IMAGE'] },
  { modelId: 'glm-5', modelName: 'GLM-5', supportedInputTypes: ['TEXT'] },
  { modelId: 'brand-new-9', modelName: 'Brand New 9', supportedInputTypes: ['TEXT'] },
];

/** What a Pro account has left. */
export const USAGE = {
  daysUntilReset: 4,
  nextDateReset: 1_785_542_400.0,
  subscriptionInfo: { subscriptionTitle: 'KIRO PRO+', type: 'Q_DEVELOPER_STANDALONE_PRO_PLUS' },
  overageConfiguration: { overageStatus: 'DISABLED' },
  usageBreakdownList: [
    {
      resourceType: 'CREDIT',
      displayName: 'Credit',
      displayNamePlural: 'Credits',
      unit: 'INVOCATIONS',
      currentUsage: 1417,
      currentUsageWithPrecision: 1417.43,
      usageLimit: 2000,
      usageLimitWithPrecision: 2000.0,
      nextDateReset: 1_785_542_400,
      bonuses: [],
    },
  ],
  userInfo: { userId: 'd-example', email: 'ada@example.com' },
};
