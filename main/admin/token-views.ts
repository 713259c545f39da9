// Accounts, counters and renewals in the words of a token pool, as programs read them: names with underscores, times as ISO
// texts or seconds, `null` for what is not known or has no meaning here.
import type { Account } from '../credentials/credential.ts';
import type { TokenServices } from './token-admin.ts';

type Services = Pick<TokenServices, 'accounts' | 'pool' | 'renewals' | 'redact' | 'now' | 'configFile'>;

type Standing = 'active' | 'resting' | 'failed';

/** `resting` is not asked before its rest is over, `failed` only where nobody better is left. */
function readStanding({ pool }: Pick<Services, 'pool'>, { id }: Account): Standing {
  const causes = pool.listRests(id).flatMap(({ model, cause }) => (model === undefined ? [cause] : []));
  if (causes.includes('failed')) return 'failed';
  return causes.includes('told') || causes.includes('hand') ? 'resting' : 'active';
}

/** One account at its place in the list. */
export function viewToken(services: Services, account: Account, index: number) {
  const { accounts, pool, renewals, redact } = services;
  const { id, name, provider } = account;
  const { served, failed, failuresInARow, lastFailureAt } = pool.counts(id);
  const state = readStanding(services, account);
  return {
    index,
    id,
    name,
    provider,
    state,
    is_active: state === 'active',
    running: pool.countRunning(id),
    served,
    failed,
    failures: failuresInARow,
    last_used: writeTime(accounts.health(id).lastUsedAt),
    last_failure: writeTime(lastFailureAt),
    rests: pool.listRests(id).map(({ model, since, until, cause, text }) => ({
      model: model ?? null,
      cause,
      since: writeTime(since),
      until: writeTime(until),
      text: redact(text),
    })),
    renewal: viewRenewal(renewals, id, redact),
  };
}

/** The sums of a list of accounts. */
export function viewStats(services: Services, list: readonly Account[]) {
  const standings = list.map((account) => readStanding(services, account));
  const active = standings.filter((standing) => standing === 'active').length;
  const distribution: Record<string, number> = {};
  for (const { id } of list) {
    const count = String(services.pool.counts(id).failuresInARow);
    distribution[count] = (distribution[count] ?? 0) + 1;
  }
  return {
    total_tokens: list.length,
    active_tokens: active,
    inactive_tokens: list.length - active,
    current_index: findCurrent(services, list),
    failure_distribution: distribution,
    // No number of failures takes an account out: each failure says itself how long it counts.
    max_failures: null,
    ...sumFailures(services, list),
  };
}

/** How many requests have failed since the last success. */
export function viewFailures(services: Services, list: readonly Account[]) {
  const { pool, renewals, now } = services;
  const { consecutive_failure_threshold: threshold, ...sums } = sumFailures(services, list);
  const times = list.map(({ id }) => pool.counts(id).lastFailureAt).filter((at) => at !== undefined);
  return {
    ...sums,
    threshold,
    last_upstream_error_time: writeTime(times.length === 0 ? undefined : Math.max(...times)),
    token_pool_size: list.length,
    auto_refresh_enabled: list.some(({ id }) => renewals.find(id) !== undefined),
    last_check: writeTime(now()),
  };
}

/** How logins are renewed; undefined where none of these accounts has any. A login that several share counts once. */
export function viewUpdater(services: Services, list: readonly Account[]) {
  const { renewals, redact, configFile } = services;
  const byLogin = new Map(
    list.flatMap(({ id }) => {
      const view = renewals.find(id);
      return view === undefined ? [] : [[renewals.nameLogin(id) ?? id, view] as const];
    }),
  );
  if (byLogin.size === 0) return undefined;
  const views = [...byLogin.values()];
  const problem = views.find((view) => view.problem !== undefined)?.problem;
  const last = views.map(({ renewedAt }) => renewedAt).filter((at) => at !== undefined);
  const next = views.map(({ dueAt }) => dueAt).filter((at) => at !== undefined);
  return {
    is_running: true,
    is_updating: views.some(({ isRunning }) => isRunning),
    // Each login has a time of its own.
    update_interval: null,
    last_update: writeTime(last.length === 0 ? undefined : Math.max(...last)),
    update_count: views.reduce((sum, { count }) => sum + count, 0),
    error_count: views.reduce((sum, { errors }) => sum + errors, 0),
    last_error: problem === undefined ? null : redact(problem),
    next_update: writeTime(next.length === 0 ? undefined : Math.min(...next)),
    // No script renews, and no file holds tokens: the vault does.
    files: { get_tokens_script: null, accounts_file: configFile ?? null, tokens_file: null },
    accounts: list.flatMap(({ id, name, provider }) => {
      const renewal = viewRenewal(renewals, id, redact);
      return renewal === null ? [] : [{ id, name, provider, ...renewal }];
    }),
  };
}

function viewRenewal(renewals: Services['renewals'], id: string, redact: Services['redact']) {
  const view = renewals.find(id);
  if (view === undefined) return null;
  return {
    is_updating: view.isRunning,
    ends_at: writeTime(view.endsAt),
    next_update: writeTime(view.dueAt),
    last_update: writeTime(view.renewedAt),
    update_count: view.count,
    error_count: view.errors,
    last_error: view.problem === undefined ? null : redact(view.problem),
  };
}

/** Failures in a row, apart by whether the account needs mending. */
function sumFailures(services: Services, list: readonly Account[]) {
  const sum = (isFailed: boolean) =>
    list
      .filter((account) => (readStanding(services, account) === 'failed') === isFailed)
      .reduce((count, { id }) => count + services.pool.counts(id).failuresInARow, 0);
  return {
    consecutive_failures: sum(false),
    consecutive_failure_threshold: null,
    consecutive_upstream_errors: sum(true),
    upstream_error_threshold: null,
  };
}

/** Whose turn is next; only accounts of one provider have an order among them. */
function findCurrent({ pool }: Services, list: readonly Account[]): number | null {
  if (new Set(list.map(({ provider }) => provider)).size !== 1) return null;
  const members = list.map((account) => ({ account, model: '' }));
  const [first] = pool.rank(members, {}).filter(({ isShut }) => !isShut);
  const index = list.findIndex(({ id }) => id === first?.candidate.account.id);
  return index < 0 ? null : index;
}

function writeTime(at: number | undefined): string | null {
  const date = new Date(at ?? Number.NaN);
  // The end of a login is what its token says, which may be no time at all.
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
