// Rooms of the gateway in which nothing goes on, for tests that are about something else.
import type { AdminServices } from '../../main/admin/index.ts';
import type { AccountView } from '../../shared/views.ts';

/** What the row of an account says where it has nothing to do. */
export const IDLE: Pick<AccountView, 'rests' | 'running' | 'counts'> = {
  rests: [],
  running: 0,
  counts: { served: 0, failed: 0, failuresInARow: 0 },
};

/** Nobody rests, nothing is renewed, no way is known. */
export const NO_POOL: Pick<AdminServices, 'pool' | 'renewals' | 'tester'> = {
  pool: {
    rank: () => [],
    listRests: () => [],
    countRunning: () => 0,
    counts: () => IDLE.counts,
    rest: () => {},
    use: () => {},
    prove: () => {},
    onChange: () => () => {},
  },
  renewals: { find: () => undefined, nameLogin: () => undefined, renew: async () => {}, onChange: () => () => {} },
  tester: { test: async () => ({ steps: [], candidates: [] }) },
};
