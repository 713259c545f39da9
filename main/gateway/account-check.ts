// Tests an account by its provider's own look-ups, for the person who asks for it and, quietly, for the pool when a rest is
// over. Sends no request of its own.
import type { CheckStep } from '../../shared/views.ts';
import type { AccountBook, AccountHealth } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from '../util/clock.ts';
import type { Pool } from './pool.ts';
import type { Quotas } from './quotas.ts';
import { guardSteps } from './step-guard.ts';

/** What a test works with. */
export interface CheckServices {
  readonly accounts: AccountBook;
  readonly quotas: Pick<Quotas, 'refresh'>;
  readonly pool: Pick<Pool, 'prove'>;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
}

/** Tells the provider's steps and keeps what they prove; a test that was broken off proves nothing. Never throws. */
export async function* checkAccount(
  { accounts, quotas, pool, redact }: CheckServices,
  account: Account,
  provider: Provider,
  signal: AbortSignal,
): AsyncGenerator<CheckStep> {
  const steps = new Map<string, CheckStep>();
  const look = async function* (): AsyncGenerator<CheckStep> {
    const credential = await accounts.openCredential(account.id);
    yield* provider.check({ credential, signal });
  };
  for await (const told of guardSteps(look, signal)) {
    const step = told.detail === undefined ? told : { ...told, detail: redact(told.detail) };
    steps.set(step.id, step);
    yield step;
  }
  // It may have become another meanwhile: what the former one showed says nothing of it.
  if (signal.aborted || accounts.find(account.id) !== account) return;
  const health = readHealth([...steps.values()]);
  accounts.report(account.id, health);
  if (health.state === 'ready') pool.prove(account.id);
  // What the test has said of the plan and what stands with the account are to be the same; it may be removed by now.
  void quotas.refresh(account.id).catch(() => {});
}

function readHealth(steps: readonly CheckStep[]): Omit<AccountHealth, 'lastUsedAt'> {
  const at = Date.now();
  const failed = steps.find(({ state }) => state === 'failed');
  const doubtful = steps.find(({ state }) => state === 'warning' || state === 'running');
  const unproved = steps.find(({ state }) => state === 'unproved');
  const decisive = failed ?? doubtful ?? unproved ?? steps.at(-1);
  if (decisive === undefined) return { state: 'untested', at };
  const text = decisive.detail === undefined ? decisive.label : `${decisive.label}: ${decisive.detail}`;
  if (failed !== undefined) return { state: 'failed', text, at };
  if (doubtful !== undefined) return { state: 'attention', text, at };
  return { state: unproved === undefined ? 'ready' : 'untested', text, at };
}

/** Quiet tests, one after the other. */
export interface Rechecks {
  /** Tests the account when its turn comes; once, however often it is asked for until then. */
  ask(accountId: string): void;
  /** Breaks off those that run and starts no more; resolves when none runs. */
  close(): Promise<void>;
}

/** What quiet tests need. */
export interface RecheckOptions extends CheckServices {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
}

/** Accounts that rest together come back together: their upstream is not to be met by all of them at once. */
const MOST_AT_A_TIME = 2;

/** A test that takes longer proves nothing any more. */
const PATIENCE_MS = 60_000;

/** Nothing is tested yet. */
export function createRechecks({ providers, clock, ...services }: RecheckOptions): Rechecks {
  const waiting = new Set<string>();
  const running = new Map<Promise<void>, AbortController>();
  let isClosed = false;

  const test = async (id: string, signal: AbortSignal): Promise<void> => {
    const account = services.accounts.find(id);
    const provider = account && providers.get(account.provider);
    if (account === undefined || provider === undefined) return;
    // What it says is kept where everybody looks; nobody follows it.
    for await (const _ of checkAccount(services, account, provider, signal));
  };
  const start = () => {
    for (const id of waiting) {
      if (running.size >= MOST_AT_A_TIME) return;
      waiting.delete(id);
      const abort = new AbortController();
      const giveUp = clock.schedule(() => abort.abort(), PATIENCE_MS);
      const tested = test(id, abort.signal)
        .catch(() => {})
        .finally(() => {
          giveUp();
          running.delete(tested);
          start();
        });
      running.set(tested, abort);
    }
  };
  return {
    ask: (id) => {
      if (isClosed) return;
      waiting.add(id);
      start();
    },
    close: async () => {
      isClosed = true;
      waiting.clear();
      for (const abort of running.values()) abort.abort();
      await Promise.all(running.keys());
    },
  };
}
