// A gateway over a real pool on a virtual clock, with a plan and upstreams that do what a test tells them.
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import { type ErrorDetails, type ErrorKind, GatewayError, readError } from '../../main/canonical/errors.ts';
import type { EventBatch, EventStream } from '../../main/canonical/events.ts';
import { createAccountBook } from '../../main/credentials/account-book.ts';
import type { Account } from '../../main/credentials/credential.ts';
import { guardAgents } from '../../main/gateway/agent-route.ts';
import { createGateway, type Gateway } from '../../main/gateway/gateway.ts';
import { createPool, type Pool } from '../../main/gateway/pool.ts';
import type { RoutePlan, Stage } from '../../main/gateway/route-plan.ts';
import type { AttemptContext, AttemptSession } from '../../main/providers/context.ts';
import type { RequestProgress } from '../../main/request-log/request-log.ts';
import { type PathStep, Routing } from '../../shared/routing.ts';
import { createMemoryVault } from './memory-vault.ts';
import { createScriptedProvider } from './scripted-provider.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** What an upstream does with one call. */
export type Act = (call: UpstreamCall) => EventStream;

/** One call to an upstream. */
export interface UpstreamCall {
  readonly account: string;
  readonly model: string;
  readonly request: ConversationRequest;
  readonly context: AttemptContext;
  readonly clock: VirtualClock;
}

const START: EventBatch = [{ type: 'reply-start' }, { type: 'text-start', block: 0 }];
const word = (text: string): EventBatch => [{ type: 'text-delta', block: 0, text }];
const END: EventBatch = [
  { type: 'text-end', block: 0 },
  { type: 'reply-end', finishReason: { kind: 'stop' } },
];

/** Says one word, its account's name, after so long. */
export const say = (afterMs = 0): Act =>
  async function* ({ account, clock, context }) {
    if (afterMs > 0) await pass(clock, afterMs, context.signal);
    yield [...START, ...word(account)];
    yield END;
  };

/** Refuses, before anything is said, after so long. */
export const refuse = (kind: ErrorKind, message: string, details: ErrorDetails = {}, afterMs = 0): Act =>
  // biome-ignore lint/correctness/useYield: it never comes to that
  async function* ({ clock, context }) {
    if (afterMs > 0) await pass(clock, afterMs, context.signal);
    throw new GatewayError(kind, message, { provider: 'scripted', ...details });
  };

/** Answers well at first, but with an error in place of content. */
export const refuseInside = (kind: ErrorKind, message: string): Act =>
  async function* () {
    yield [{ type: 'reply-start' }];
    yield [{ type: 'error', error: new GatewayError(kind, message) }];
  };

/** Says a word and breaks off. */
export const breakOff = (): Act =>
  async function* ({ account }) {
    yield [...START, ...word(account)];
    throw new GatewayError('upstream', 'The engine caught fire.');
  };

/** Ends before it has said anything. */
export const close = (begun: boolean): Act =>
  async function* () {
    if (begun) yield [{ type: 'reply-start' }];
  };

/** Says nothing; a deaf one does not even hear that it is to stop. */
export const hang = (isDeaf = false): Act =>
  async function* ({ context: { signal } }) {
    await new Promise((_resolve, reject) => {
      if (!isDeaf) signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };

function pass(clock: VirtualClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(resolve, ms);
    signal.addEventListener('abort', () => {
      cancel();
      reject(signal.reason);
    });
  });
}

/** What came of one request. */
export interface Asked {
  /** All that was said. */
  readonly text: string;
  /** Thrown before anything was said, or the last event. */
  readonly error?: GatewayError;
  /** The last state of its record. */
  readonly progress: RequestProgress;
  readonly path: readonly PathStep[];
  readonly notes: readonly string[];
  readonly answeredBy?: string;
}

/** How one request is asked. */
export interface Asking {
  readonly live?: boolean;
  readonly client?: AbortController;
  readonly request?: Partial<ConversationRequest>;
  readonly session?: AttemptSession;
  readonly clientKey?: string;
  readonly isPlain?: boolean;
}

/** Everything around one gateway. */
export interface GatewayScene {
  readonly clock: VirtualClock;
  readonly pool: Pool;
  readonly gateway: Gateway;
  /** Every call, as `account:model`. */
  readonly calls: string[];
  /** What its upstream does with this account's next calls; the last act stays. */
  script(account: string, ...acts: Act[]): void;
  health(account: string): string;
  ask(model: string, asking?: Asking): Promise<Asked>;
}

/** Accounts by provider, stages by model: `{ m: [['one:m', 'two:m'], ['three:n']] }`. */
export interface SceneOptions {
  /** `one`, or `other/one` for an account of another provider than `scripted`. */
  readonly accounts: readonly string[];
  readonly stages?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly steps?: readonly PathStep[];
  /** The steps of each stage. */
  readonly legs?: readonly (readonly PathStep[])[];
  readonly stepsAfter?: readonly PathStep[];
  readonly reasoning?: RoutePlan['reasoning'];
  readonly routing?: unknown;
  /** Whatever answers for an account, in place of scripts. */
  readonly act?: Act;
}

/** A scene in which every account says its name. */
export function openGatewayScene(options: SceneOptions): GatewayScene {
  const clock = createVirtualClock();
  const routing = Routing.parse(options.routing ?? {});
  const calls: string[] = [];
  const scripts = new Map<string, Act[]>();
  const act = options.act ?? ((call) => takeNext(scripts.get(call.account))(call));
  const list = options.accounts.map(readAccount);
  const provider = createScriptedProvider({
    converse: (model, context, request) => {
      const { account } = context.credential;
      calls.push(`${account.id}:${model}`);
      return act({ account: account.id, model, request, context, clock });
    },
  });
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: list.map((account) => ({ account, secrets: {}, secretEnv: [] })),
    builtIn: [],
    learnSecret: () => {},
    now: clock.now,
  });
  const readStage = (name: string, members: readonly string[]): Stage => ({
    name,
    members: members.map((member) => {
      const [id = '', model = ''] = member.split(/:(.*)/);
      const account = accounts.find(id);
      if (account === undefined) throw new Error(`no account ${id}`);
      return { account, model };
    }),
  });
  const pool = createPool({ clock, rules: () => routing });
  const gateway = createGateway({
    accounts,
    providers: new Map(list.map(({ provider: id }) => [id, { ...provider, id }])),
    router: {
      plan: async ({ model }) => {
        const stages = options.stages?.[model] ?? [accounts.list().map(({ id }) => `${id}:${model}`)];
        const [first, ...others] = stages.map((members, at) => {
          const steps = options.legs?.[at];
          return { ...readStage(model, members), ...(steps && { steps }) };
        });
        if (first === undefined) throw new GatewayError('not-found', `No account offers the model "${model}".`);
        const { steps = [], stepsAfter, reasoning } = options;
        const stepsLast = stepsAfter && { stepsAfter };
        const plan = { stages: [first, ...others], steps, ...stepsLast, ...(reasoning && { reasoning }) } as const;
        // As the real one does.
        return guardAgents(plan, model);
      },
    },
    pool,
    limits: () => routing.attempts,
    redact: (text) => text.replaceAll('s3cret', '[hidden]'),
    clock,
  });
  return {
    clock,
    pool,
    gateway,
    calls,
    script: (account, ...acts) => void scripts.set(account, acts),
    health: (account) => accounts.health(account).state,
    ask: (model, asking = {}) => ask(gateway, clock, model, asking),
  };
}

function readAccount(name: string): Account {
  const [provider, id] = name.includes('/') ? name.split('/') : ['scripted', name];
  const empty = { method: 'none', values: {}, env: {}, endpoints: {}, models: [], source: 'file' } as const;
  return { ...empty, id: id ?? '', name: (id ?? '').toUpperCase(), provider: provider ?? '' };
}

function takeNext(acts: Act[] | undefined): Act {
  if (acts === undefined) return say();
  return (acts.length > 1 ? acts.shift() : acts[0]) ?? say();
}

async function ask(gateway: Gateway, clock: VirtualClock, model: string, asking: Asking): Promise<Asked> {
  const { live = true, client = new AbortController(), request, session, clientKey, isPlain = false } = asking;
  const progress: RequestProgress = {};
  const notes: string[] = [];
  let answeredBy: string | undefined;
  let text = '';
  let error: GatewayError | undefined;
  const record = {
    id: 'r',
    update: (news: RequestProgress) => void Object.assign(progress, news),
    note: (sentence: string) => void notes.push(sentence),
    close: () => {},
  };
  const said = { role: 'user' as const, parts: [{ type: 'text' as const, text: 'x' }] };
  try {
    const events = gateway.converse(
      { messages: [said], ...request, model },
      {
        requestId: 'r',
        signal: client.signal,
        record,
        startedAt: clock.uptime(),
        live,
        isPlain,
        ...(session && { session }),
        ...(clientKey && { clientKey }),
        onAnswer: ({ account }) => {
          answeredBy = account.id;
        },
      },
    );
    for await (const batch of events)
      for (const event of batch) {
        if (event.type === 'text-delta') text += event.text;
        if (event.type === 'error') error = event.error;
      }
  } catch (thrown) {
    error = readError(thrown);
  }
  return {
    text,
    progress,
    path: progress.path ?? [],
    notes,
    ...(error && { error }),
    ...(answeredBy !== undefined && { answeredBy }),
  };
}
