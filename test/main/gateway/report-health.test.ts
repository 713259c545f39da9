// What failed requests leave behind in an account's row once no rest is left to speak for them.
import { expect, test } from 'vitest';
import { type ErrorKind, GatewayError } from '../../../main/canonical/errors.ts';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import { createHealthReports } from '../../../main/gateway/report-health.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { createAccount } from '../../support/pool-members.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const clock = createVirtualClock();

function stateAfter(kind: ErrorKind) {
  const given = createAccount('a');
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: [{ account: given, secrets: {}, secretEnv: [] }],
    learnSecret: () => {},
  });
  const account = accounts.find('a') ?? given;
  const reports = createHealthReports(accounts, clock);
  reports.answered(account);
  reports.failed(account, new GatewayError(kind, 'Slow down.'));
  const { state, text } = accounts.health('a');
  return [state, text];
}

test('what passes by itself leaves an account unproved, and asks nobody to look after it', () => {
  for (const kind of ['rate-limited', 'overloaded', 'quota-exhausted'] as const)
    expect([kind, ...stateAfter(kind)]).toEqual([kind, 'untested', 'Slow down.']);
});

test('a refused login has failed, a service that is broken needs a look, and a client’s mistake shows nothing', () => {
  expect(stateAfter('unauthorized')).toEqual(['failed', 'Slow down.']);
  expect(stateAfter('upstream')).toEqual(['attention', 'Slow down.']);
  expect(stateAfter('invalid-request')).toEqual(['ready', 'Answered a request.']);
});
