// What the person can do about an account's rest and login, on the fake's accounts.
import { ORPCError } from '@orpc/client';
import type { AccountView } from '../../shared/views.ts';

/** The calls; `find` and `put` are those of the fake's accounts. */
export function createAccountActions(parts: {
  readonly note: (name: string, input: unknown) => void;
  readonly find: (id: string) => AccountView;
  readonly put: (account: AccountView) => AccountView;
}) {
  const { note, find, put } = parts;
  return {
    rest: (input: { id: string; until?: number }) => {
      note('accounts.rest', input);
      const until = input.until === undefined ? {} : { until: input.until };
      const rest = { since: Date.now(), ...until, cause: 'hand' as const, text: 'You let it rest.' };
      return put({ ...find(input.id), state: 'resting', stateText: undefined, rests: [rest] });
    },
    use: (input: { id: string }) => {
      note('accounts.use', input);
      const account = find(input.id);
      return put({
        ...account,
        state: 'untested',
        stateText: undefined,
        rests: [],
        counts: { ...account.counts, failuresInARow: 0 },
      });
    },
    renewLogin: (input: { id: string }) => {
      note('accounts.renewLogin', input);
      const account = find(input.id);
      const { renewal } = account;
      if (renewal === undefined) throw new ORPCError('BAD_REQUEST', { message: 'There is nothing to renew.' });
      if (renewal.problem?.startsWith('invalid_grant'))
        throw new ORPCError('BAD_REQUEST', { message: renewal.problem });
      const renewed = { ...renewal, renewedAt: Date.now(), count: renewal.count + 1, problem: undefined };
      return put({ ...account, state: 'ready', renewal: renewed });
    },
  };
}
