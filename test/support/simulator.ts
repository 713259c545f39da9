// A world for router, pool and gateway: upstreams that fail by a script, people and machines that do things to clocks, and
// requests that come as they like. Time is virtual; whoever runs it looks at what came of every request.
import type { GatewayError } from '../../main/canonical/errors.ts';
import { GatewayError as Failure, readError } from '../../main/canonical/errors.ts';
import type { EventStream } from '../../main/canonical/events.ts';
import { type AccountBook, createAccountBook } from '../../main/credentials/account-book.ts';
import { createGateway } from '../../main/gateway/gateway.ts';
import { createModelCatalog } from '../../main/gateway/model-catalog.ts';
import { createPool, type Pool } from '../../main/gateway/pool.ts';
import { createRenewals } from '../../main/gateway/renewals.ts';
import { createRouter } from '../../main/gateway/router.ts';
import type { Provider } from '../../main/providers/provider.ts';
import { Routing } from '../../shared/routing.ts';
import { createMemoryVault } from './memory-vault.ts';
import { createScriptedProvider } from './scripted-provider.ts';
import { createSimulatedLogins, type SimulatedLogins } from './simulated-logins.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** What is wrong with an upstream for a while. */
export interface Trouble {
  /** Index of the account. */
  readonly account: number;
  /** In milliseconds of the world, which never stands still. */
  readonly from: number;
  readonly until: number;
  readonly kind: 'limit-told' | 'limit' | 'login' | 'quota' | 'burst' | 'hidden' | 'cut' | 'hang';
}

/** What happens at a moment, in milliseconds awake. */
export type Happening =
  | { readonly type: 'ask'; readonly at: number; readonly conversation?: number }
  | { readonly type: 'jump'; readonly at: number; readonly byMs: number }
  | { readonly type: 'sleep'; readonly at: number; readonly ms: number }
  | { readonly type: 'rest'; readonly at: number; readonly account: number; readonly ms: number }
  | { readonly type: 'use'; readonly at: number; readonly account: number };

/** The whole script. */
export interface WorldScript {
  /** Accounts that offer the model itself. */
  readonly accounts: number;
  /** Accounts of another provider, which a fallback leads to; counted on. */
  readonly others?: number;
  readonly routing?: Partial<Routing>;
  readonly troubles?: readonly Trouble[];
  readonly happenings: readonly Happening[];
  /** How long the accounts' logins live, where they have any; a `login` trouble refuses to renew them, too. */
  readonly loginsLiveMs?: number;
  /** How long the answer to the request of this number takes until its first word, in milliseconds. */
  readonly takes?: (request: number) => number;
}

/** What came of one request. */
export interface Request {
  readonly number: number;
  readonly begun: Moment;
  ended?: Moment;
  /** Accounts that were called, by index. */
  readonly called: number[];
  /** Accounts that were called though their upstream or the person had said that they rest. */
  readonly disturbed: number[];
  error?: GatewayError;
}

/** The same moment by all clocks. */
export interface Moment {
  readonly wall: number;
  readonly up: number;
  readonly world: number;
}

/** A rest of which everybody knows the end. */
export interface KnownRest {
  readonly account: number;
  readonly since: Moment;
  readonly ms: number;
}

/** How the world was when all was over. */
export interface World {
  readonly requests: readonly Request[];
  /** What upstreams and people have said of rests. */
  readonly rests: readonly KnownRest[];
  /** How the logins have fared, where there are any. */
  readonly logins?: SimulatedLogins;
  /** When all was over. */
  readonly ended: Moment;
  /** Most requests that an account had at a time, by index. */
  readonly most: readonly number[];
  /** Requests that the pool still counted as running when all was over. */
  readonly left: number;
  /** Whether the account's upstream would have answered all of that time. */
  isHealthy(account: number, from: Moment, to: Moment): boolean;
}

/** What a look at the world is given. */
export interface WorldView {
  readonly clock: VirtualClock;
  readonly pool: Pool;
  readonly accounts: AccountBook;
  readonly rests: readonly KnownRest[];
}

/** How long a silent upstream is waited for. */
const SILENCE_MS = 20_000;
/** Whatever is still under way then hangs for ever. */
const AFTERWARDS_MS = 15 * 60_000;

/** Whether the rest may still hold: it is over as soon as either clock says so. */
export function mayHold({ since, ms }: KnownRest, clock: Pick<VirtualClock, 'now' | 'uptime'>): boolean {
  return clock.now() < since.wall + ms && clock.uptime() < since.up + ms;
}

/** Lives through the script; `look` is called after everything that happens. */
export async function runWorld(script: WorldScript, look: (view: WorldView) => void = () => {}): Promise<World> {
  const { accounts: count, others = 0, troubles = [], takes = () => 200 } = script;
  const clock = createVirtualClock(undefined, 1);
  let slept = 0;
  const now = (): Moment => ({ wall: clock.now(), up: clock.uptime(), world: clock.uptime() + slept });
  const requests: Request[] = [];
  const rests: KnownRest[] = [];
  /** Those by hand, of which only the last one of an account holds, and those that the person has ended. */
  const wishes = new Set<KnownRest>();
  const ended = new Set<KnownRest>();
  const tellRest = (account: number, ms: number): KnownRest => {
    const rest = { account, since: now(), ms };
    rests.push(rest);
    return rest;
  };
  const endRests = (account: number, some: Iterable<KnownRest>) => {
    for (const rest of some) if (rest.account === account) ended.add(rest);
  };
  const running = Array.from({ length: count + others }, () => 0);
  const most = [...running];
  const findTrouble = (account: number, world: number) =>
    troubles.find((each) => each.account === account && each.from <= world && world < each.until);

  const answer = async function* (account: number, request: Request, signal: AbortSignal): EventStream {
    running[account] = (running[account] ?? 0) + 1;
    most[account] = Math.max(most[account] ?? 0, running[account] ?? 0);
    request.called.push(account);
    const isHeld = rests.some(
      (rest) =>
        // What is said in the same moment comes too late.
        rest.account === account && rest.since.up < clock.uptime() && !ended.has(rest) && mayHold(rest, clock),
    );
    if (isHeld) request.disturbed.push(account);
    try {
      const begun = now();
      const trouble = findTrouble(account, begun.world);
      await wait(clock, trouble?.kind === 'hang' ? SILENCE_MS : trouble ? 20 : takes(request.number), signal);
      if (trouble?.kind === 'limit-told') {
        // What is told holds from when it is heard.
        const ms = Math.max(1, trouble.until - now().world);
        tellRest(account, ms);
        throw new Failure('rate-limited', 'Slow down', { provider: 'p', status: 429, retryAfterMs: ms });
      }
      if (trouble?.kind === 'hidden') {
        yield [{ type: 'reply-start' }, { type: 'error', error: fail(trouble.kind) }];
        return;
      }
      if (trouble !== undefined) throw fail(trouble.kind);
      yield [
        { type: 'text-start', block: 0 },
        { type: 'text-delta', block: 0, text: String(account) },
        { type: 'text-end', block: 0 },
        { type: 'reply-end', finishReason: { kind: 'stop' } },
      ];
    } finally {
      running[account] = (running[account] ?? 0) - 1;
    }
  };
  const refuses = (id: string) => findTrouble(Number(id.slice(1)), now().world)?.kind === 'login';
  const lives = script.loginsLiveMs;
  const logins = lives === undefined ? undefined : createSimulatedLogins(clock, lives, refuses);
  const createProvider = (id: string, model: string): Provider => ({
    ...createScriptedProvider({
      id,
      listModels: async () => [{ id: model }],
      converse: (_model, { credential, requestId, signal }) =>
        answer(Number(credential.account.id.slice(1)), requests[Number(requestId)] as Request, signal),
    }),
    ...(logins && { renewal: logins.renewal }),
  });
  const { accounts, gateway, pool, renewals } = await openRooms(
    script,
    clock,
    [createProvider('p', 'm'), createProvider('q', 'n')],
    count,
    others,
  );

  const ask = async ({ conversation }: Extract<Happening, { type: 'ask' }>): Promise<void> => {
    const request: Request = { number: requests.length, begun: now(), called: [], disturbed: [] };
    requests.push(request);
    const words = conversation === undefined ? 'Hi' : `Conversation ${conversation}`;
    const messages = [
      { role: 'user' as const, parts: [{ type: 'text' as const, text: words }] },
      ...(conversation === undefined ? [] : [{ role: 'assistant' as const, parts: [] }]),
    ];
    const record = { id: '', update: () => {}, note: () => {}, close: () => {} };
    const signal = new AbortController().signal;
    const context = { requestId: String(request.number), signal, record, startedAt: clock.uptime(), live: true };
    try {
      for await (const batch of gateway.converse({ model: 'm', messages }, context))
        for (const event of batch) if (event.type === 'error') request.error = event.error;
    } catch (thrown) {
      request.error = readError(thrown);
    }
    request.ended = now();
  };
  const happen = (happening: Happening): void => {
    switch (happening.type) {
      case 'ask':
        void ask(happening);
        return;
      case 'jump':
        clock.setWall(clock.now() + happening.byMs);
        return;
      case 'sleep':
        slept += happening.ms;
        clock.sleep(happening.ms);
        return;
      case 'rest':
        endRests(happening.account, wishes);
        wishes.add(tellRest(happening.account, happening.ms));
        pool.rest(`a${happening.account}`, clock.now() + happening.ms);
        return;
      case 'use':
        pool.use(`a${happening.account}`);
        endRests(happening.account, rests);
        return;
      default:
        happening satisfies never;
    }
  };
  for (const happening of [...script.happenings].sort((one, other) => one.at - other.at)) {
    if (happening.at > clock.uptime()) await clock.advance(happening.at - clock.uptime());
    look({ clock, pool, accounts, rests });
    // A rest that was over is over, whatever somebody sets the clock to afterwards.
    for (const rest of rests) if (!mayHold(rest, clock)) ended.add(rest);
    happen(happening);
  }
  await clock.advance(AFTERWARDS_MS);
  const over = now();
  const left = accounts.list().reduce((sum, { id }) => sum + pool.countRunning(id), 0);
  await renewals.close();
  await pool.close();
  return {
    ended: over,
    left,
    ...(logins && { logins }),
    requests,
    rests,
    most,
    isHealthy: (account, from, to) =>
      !troubles.some((each) => each.account === account && each.from <= to.world && from.world < each.until),
  };
}

async function openRooms(
  { routing: given = {} }: WorldScript,
  clock: VirtualClock,
  made: readonly Provider[],
  count: number,
  others: number,
) {
  const routing = Routing.parse(given);
  const empty = { method: 'none', values: {}, env: {}, endpoints: {}, models: [], source: 'file' } as const;
  const list = Array.from({ length: count + others }, (_, index) => {
    return { ...empty, id: `a${index}`, name: `A${index}`, provider: index < count ? 'p' : 'q' };
  });
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: list.map((account) => ({ account, secrets: {}, secretEnv: [] })),
    builtIn: [],
    learnSecret: () => {},
    now: clock.now,
  });
  const providers = new Map(made.map((provider) => [provider.id, provider]));
  const redact = (text: string) => text;
  const catalog = createModelCatalog({ accounts, providers, redact, now: clock.now });
  await catalog.list(true);
  const router = createRouter({ accounts, catalog, explain: () => undefined, routing: () => routing });
  const pool = createPool({ clock, rules: () => routing });
  const limits = () => routing.attempts;
  const renewals = createRenewals({ clock, accounts, providers, pool, redact, random: () => 0.5 });
  const gateway = createGateway({ accounts, providers, router, pool, limits, redact, clock });
  return { accounts, pool, gateway, renewals };
}

function fail(kind: Trouble['kind']): Failure {
  switch (kind) {
    case 'limit':
      return new Failure('rate-limited', 'Slow down', { provider: 'p', status: 429 });
    case 'login':
      return new Failure('unauthorized', 'Bad key', { provider: 'p', status: 401 });
    case 'quota':
      return new Failure('quota-exhausted', 'Pay', { provider: 'p', status: 402 });
    case 'hang':
      return new Failure('timeout', 'Nothing came', { provider: 'p' });
    case 'cut':
      return new Failure('upstream', 'Cut', { provider: 'p', code: 'ECONNRESET' });
    default:
      return new Failure('overloaded', 'Busy', { provider: 'p', status: 503 });
  }
}

function wait(clock: VirtualClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(resolve, ms);
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
