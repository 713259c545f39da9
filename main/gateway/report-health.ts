// Tells the accounts what requests have shown of them. Who rests and for how long is the pool's business.
import type { AccountState } from '../../shared/views.ts';
import type { ErrorKind, GatewayError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Clock } from '../util/clock.ts';

/** What a failure shows of the account; other kinds are the client's doing, or ours. */
const STATE_AFTER: Partial<Record<ErrorKind, AccountState>> = {
  unauthorized: 'failed',
  forbidden: 'failed',
  'quota-exhausted': 'failed',
  'rate-limited': 'attention',
  overloaded: 'attention',
  timeout: 'attention',
  upstream: 'attention',
};

/** A success is worth a new mark on the account only this often. */
const PROOF_AGE_MS = 60_000;

/** Reports to `accounts`; of an account that was changed or removed since nothing is reported. */
export interface HealthReports {
  failed(account: Account, error: GatewayError): void;
  answered(account: Account): void;
}

/** Reports by this clock. */
export function createHealthReports(
  accounts: Pick<AccountBook, 'health' | 'report' | 'find'>,
  clock: Clock,
): HealthReports {
  const isSame = (account: Account) => accounts.find(account.id) === account;
  return {
    failed: (account, { kind, message }) => {
      const state = STATE_AFTER[kind];
      if (state !== undefined && isSame(account))
        accounts.report(account.id, { state, text: message, at: clock.now() });
    },
    answered: (account) => {
      if (!isSame(account)) return;
      const { id } = account;
      const { state, at = 0 } = accounts.health(id);
      const now = clock.now();
      if (state === 'ready' && Math.abs(now - at) < PROOF_AGE_MS) return;
      accounts.report(id, { state: 'ready', text: 'Answered a request.', at: now });
    },
  };
}
