// Logins that end after a while, for a simulated world: they count how often they are renewed, and whether twice at once.
import { GatewayError } from '../../main/canonical/errors.ts';
import type { AccountRenewal } from '../../main/providers/login.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The logins of all accounts, by id. */
export interface SimulatedLogins {
  readonly renewal: AccountRenewal;
  /** Calls to renew, by account. */
  readonly calls: ReadonlyMap<string, number>;
  /** Most calls at a time for one account. */
  readonly most: number;
}

/** A renewal wants to be made so long before the end. */
const AHEAD_MS = 10 * 60_000;
/** Longer than the scheduler leaves between two: one that began the same login twice would be seen. */
const TAKES_MS = 5_000;

/** Logins that live so long; `refuses` tells whether the upstream renews none of an account's now. */
export function createSimulatedLogins(
  clock: VirtualClock,
  livesMs: number,
  refuses: (account: string) => boolean,
): SimulatedLogins {
  const ends = new Map<string, number>();
  const calls = new Map<string, number>();
  const running = new Map<string, number>();
  const startsAt = clock.now();
  let most = 0;
  return {
    calls,
    get most() {
      return most;
    },
    renewal: {
      covers: () => true,
      find: async ({ account: { id } }) => {
        const endsAt = ends.get(id) ?? startsAt + livesMs;
        return { login: id, endsAt, dueAt: endsAt - AHEAD_MS };
      },
      renew: async ({ credential: { account } }) => {
        const { id } = account;
        calls.set(id, (calls.get(id) ?? 0) + 1);
        running.set(id, (running.get(id) ?? 0) + 1);
        most = Math.max(most, running.get(id) ?? 0);
        await new Promise<void>((resolve) => clock.schedule(resolve, TAKES_MS));
        running.set(id, (running.get(id) ?? 0) - 1);
        if (refuses(id)) throw new GatewayError('overloaded', 'No renewals now', { provider: account.provider });
        ends.set(id, clock.now() + livesMs);
      },
    },
  };
}
