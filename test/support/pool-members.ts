// Accounts and requests for tests of the pool, which look at the order and not at the answers.
import { type ErrorDetails, type ErrorKind, GatewayError } from '../../main/canonical/errors.ts';
import type { Account } from '../../main/credentials/credential.ts';
import type { Lease, Pool, PoolWish } from '../../main/gateway/pool.ts';
import type { Candidate } from '../../main/gateway/route-plan.ts';

/** An account `ID` of a provider. */
export function createAccount(id: string, provider = 'acme'): Account {
  const fields = { method: 'key', values: {}, env: {}, endpoints: {}, models: [] };
  return { id, provider, name: id.toUpperCase(), ...fields, source: 'settings' };
}

/** Members by their names: `a`, or `PROVIDER:a` for another provider than `acme`; `a/MODEL` for another model than `m`. */
export function createMembers(...names: readonly string[]): Candidate[] {
  return names.map((name) => {
    const [, provider = 'acme', id = '', model = 'm'] = /^(?:(\w+):)?(\w+)(?:\/(.+))?$/.exec(name) ?? [];
    return { account: createAccount(id, provider), model };
  });
}

/** What a test may say of a turn. */
export interface Turn extends PoolWish {
  readonly tried?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Takes a place as the gateway does. */
export function takePlace(
  pool: Pool,
  members: readonly Candidate[],
  { tried = [], signal = new AbortController().signal, ...wish }: Turn = {},
): Promise<Lease | undefined> {
  return pool.lease(members, { ...wish, signal, isTried: ({ account }) => tried.includes(account.id) });
}

/** The failure of an upstream. */
export function createFailure(kind: ErrorKind, message = `said ${kind}`, details: ErrorDetails = {}): GatewayError {
  return new GatewayError(kind, message, { provider: 'acme', ...details });
}

/** Serves one request; the id of the account that did, or undefined where none could. */
export async function serve(
  pool: Pool,
  members: readonly Candidate[],
  turn: Turn & { readonly failure?: GatewayError } = {},
): Promise<string | undefined> {
  const { failure, ...wish } = turn;
  const lease = await takePlace(pool, members, wish);
  lease?.release(failure === undefined ? { type: 'ok' } : { type: 'failed', error: failure });
  return lease?.candidate.account.id;
}

/** Serves so many requests, one after the other; the ids of the accounts that did. */
export async function serveMany(pool: Pool, members: readonly Candidate[], count: number, turn: Turn = {}) {
  const served: (string | undefined)[] = [];
  for (let index = 0; index < count; index++) served.push(await serve(pool, members, turn));
  return served.join('');
}
