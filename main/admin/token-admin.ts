// Answers programs that administrate accounts, in the words that such programs know from other gateways: pools of tokens,
// counters, an updater. What has no meaning here is `null`, or the nearest thing that is true.
import { GatewayError, readError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { FileChanges } from '../credentials/account-sources.ts';
import type { Account } from '../credentials/credential.ts';
import type { Pool } from '../gateway/pool.ts';
import type { Renewals } from '../gateway/renewals.ts';
import { viewFailures, viewStats, viewToken, viewUpdater } from './token-views.ts';

/** Which accounts are meant; all of them where nothing is said. */
export interface TokenScope {
  /** Id of the provider. */
  readonly provider?: string;
  /** Id of the account. */
  readonly account?: string;
}

/** An answer, ready to be sent. */
export interface TokenReply {
  /** Where it is not `success`. */
  readonly status?: 'disabled';
  readonly message?: string;
  readonly data?: object;
}

/** What can be asked. Every call throws `GatewayError`: `not-found` for a provider or an account that is not there. */
export interface TokenAdmin {
  list(scope: TokenScope): TokenReply;
  stats(scope: TokenScope): TokenReply;
  /** `index` counts the accounts of the scope; without it the scope must name one. Throws `invalid-request`. */
  reset(scope: TokenScope, index?: string): TokenReply;
  resetAll(scope: TokenScope): TokenReply;
  /** Throws where the configuration file has mistakes; everything is as it was then. */
  reload(scope: TokenScope): Promise<TokenReply>;
  failures(scope: TokenScope): TokenReply;
  resetFailures(scope: TokenScope): TokenReply;
  updater(scope: TokenScope): TokenReply;
  /** Throws `invalid-request` where there is nothing to renew, `upstream` where a renewal failed. */
  forceUpdate(scope: TokenScope): Promise<TokenReply>;
  cleanUp(): TokenReply;
}

/** What the answers are made of. */
export interface TokenServices {
  readonly accounts: Pick<AccountBook, 'list' | 'health'>;
  readonly providers: readonly { readonly id: string }[];
  readonly pool: Pick<Pool, 'rank' | 'listRests' | 'countRunning' | 'counts' | 'use' | 'prove'>;
  readonly renewals: Pick<Renewals, 'find' | 'nameLogin' | 'renew'>;
  /** Reads the accounts of the configuration file anew; undefined where there is no file. Throws an `Error` with its mistakes. */
  readonly reloadFile: () => FileChanges | undefined;
  /** Asks all accounts for their models again, in the background. */
  readonly refreshModels: () => void;
  /** Removes leftovers of writing from the data folder; tells how many there were. */
  readonly removeLeftovers: () => number;
  readonly configFile: string | undefined;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The answers over these rooms. */
export function createTokenAdmin(services: TokenServices): TokenAdmin {
  const { accounts, providers, pool, renewals, redact } = services;

  const select = ({ provider, account: id }: TokenScope): readonly Account[] => {
    if (provider !== undefined && !providers.some((known) => known.id === provider)) {
      throw new GatewayError('not-found', `There is no provider "${provider}".`);
    }
    const inScope = accounts.list().filter((account) => provider === undefined || account.provider === provider);
    const selected = inScope.filter((account) => id === undefined || account.id === id);
    if (id === undefined || selected.length > 0) return selected;
    const where = provider === undefined ? '' : ` of ${provider}`;
    throw new GatewayError('not-found', `There is no account "${id}"${where}.`);
  };
  const stats = (scope: TokenScope) => viewStats(services, select(scope));
  const pick = (scope: TokenScope, index: string | undefined): Account => {
    const list = select(scope);
    if (index === undefined && scope.account === undefined) {
      throw new GatewayError('invalid-request', 'Say which: /reset/INDEX, or /reset?account=ID.');
    }
    const at = index === undefined ? 0 : /^\d{1,9}$/.test(index) ? Number(index) : -1;
    const account = list[at];
    if (account !== undefined) return account;
    const range = list.length === 0 ? 'there is no account' : `the accounts have the numbers 0 to ${list.length - 1}`;
    throw new GatewayError('invalid-request', `There is no account number ${index}: ${range}.`);
  };

  return {
    list: (scope) => ({ data: { accounts: select(scope).map((account, at) => viewToken(services, account, at)) } }),
    stats: (scope) => ({ data: stats(scope) }),
    reset: (scope, index) => {
      const { id, name } = pick(scope, index);
      pool.use(id);
      return { message: `"${name}" is asked again at once; its failures in a row are forgotten.` };
    },
    resetAll: (scope) => {
      const list = select(scope);
      for (const { id } of list) pool.use(id);
      return {
        message: `${countAccounts(list.length)} are asked again at once; their failures in a row are forgotten.`,
      };
    },
    reload: async (scope) => {
      select(scope.provider === undefined ? {} : { provider: scope.provider });
      const changes = reloadFile(services);
      services.refreshModels();
      return { message: describeReload(changes), data: stats(scope) };
    },
    failures: (scope) => ({ data: viewFailures(services, select(scope)) }),
    resetFailures: (scope) => {
      const list = select(scope);
      const count = () => list.reduce((sum, { id }) => sum + pool.counts(id).failuresInARow, 0);
      const previous = count();
      for (const { id } of list) if (pool.counts(id).failuresInARow > 0) pool.prove(id);
      return { data: { previous_count: previous, current_count: count() } };
    },
    updater: (scope) => {
      const data = viewUpdater(services, select(scope));
      if (data !== undefined) return { data };
      return { status: 'disabled', message: 'None of these accounts has a login that Patchbay renews.' };
    },
    forceUpdate: async (scope) => {
      const list = select(scope).filter(({ id }) => renewals.find(id) !== undefined);
      const outcomes = await Promise.all(list.map((account) => renew(renewals, account)));
      const tried = outcomes.filter((outcome) => outcome !== 'nothing');
      if (tried.length === 0) {
        throw new GatewayError('invalid-request', 'None of these accounts has a login that Patchbay renews.');
      }
      const failures = tried.filter((outcome) => outcome !== 'renewed');
      const renewed = `${tried.length - failures.length} of ${countAccounts(tried.length)} renewed.`;
      if (failures.length > 0) throw new GatewayError('upstream', redact(`${renewed} ${failures.join(' ')}`));
      return { message: renewed, data: stats(scope) };
    },
    cleanUp: () => {
      const count = services.removeLeftovers();
      const files = count === 1 ? 'One leftover file was' : `${count} leftover files were`;
      return { message: `${files} removed.`, data: { cleaned_files: count } };
    },
  };
}

function reloadFile({ reloadFile, redact }: TokenServices): FileChanges | undefined {
  try {
    return reloadFile();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatewayError('internal', redact(`Everything is as it was. ${reason}`), { cause: error });
  }
}

function describeReload(changes: FileChanges | undefined): string {
  if (changes === undefined) return 'There is no configuration file. All accounts are asked for their models again.';
  const { added, changed, gone } = changes;
  const news = `${added.length} new, ${changed.length} changed, ${gone.length} gone`;
  return `The configuration file was read again: ${news}. All accounts are asked for their models again.`;
}

/** What became of it; the words of a failure where there was one. */
async function renew(renewals: TokenServices['renewals'], { id, name }: Account): Promise<string> {
  try {
    await renewals.renew(id);
    return 'renewed';
  } catch (thrown) {
    const { kind, message } = readError(thrown);
    // What an upstream refuses may be of the same kind; then there was a login.
    const hadNothing = kind === 'invalid-request' && renewals.nameLogin(id) === undefined;
    return hadNothing ? 'nothing' : `${name}: ${message}`;
  }
}

const countAccounts = (count: number) => (count === 1 ? '1 account' : `${count} accounts`);
