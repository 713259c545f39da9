// Renews the logins of all accounts ahead of their end, one scheduler for all providers. How a login is renewed is the
// provider's business.
import type { RenewalView } from '../../shared/routing.ts';
import type { Clock } from '../util/clock.ts';

/** The renewals of all accounts. */
export interface Renewals {
  /** Undefined where the account has nothing to renew. */
  find(accountId: string): RenewalView | undefined;
  /** Renews it now, whatever is due; joins one that runs. Throws `GatewayError` with the upstream's words. */
  renew(accountId: string): Promise<void>;
  /** Calls back after every change. */
  onChange(listener: () => void): () => void;
  /** Starts no more; resolves when none runs. */
  close(): Promise<void>;
}

/** What the scheduler needs. */
export interface RenewalOptions {
  readonly clock: Clock;
}

/** A scheduler that has looked at no account yet. */
export function createRenewals(_options: RenewalOptions): Renewals {
  return { find: () => undefined, renew: async () => {}, onChange: () => () => {}, close: async () => {} };
}
