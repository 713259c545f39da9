// What becomes of requests reaches the quotas, and a quota that has something again ends the right rests only.
import { expect, test } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import type { Outcome } from '../../../main/gateway/pool.ts';
import { proveReturned, tellQuotas } from '../../../main/gateway/quota-pool.ts';
import type { RestView } from '../../../shared/routing.ts';
import { NO_POOL } from '../../support/no-pool.ts';

const account = { id: 'one' } as Account;
const wish = { isTried: () => false, signal: new AbortController().signal };

test('the outcome of each lease is heard, after the pool has heard it', async () => {
  const heard: unknown[] = [];
  const pool = tellQuotas(
    {
      ...NO_POOL.pool,
      replace: () => {},
      forget: () => {},
      rehearse: () => [],
      close: async () => {},
      lease: async (members) =>
        members[0] && {
          candidate: members[0],
          text: 'first',
          release: ({ type }: Outcome) => heard.push(`pool ${type}`),
        },
    },
    { hear: (id, kind) => heard.push([id, kind]) },
  );
  expect(await pool.lease([], wish)).toBeUndefined();
  const outcomes: Outcome[] = [
    { type: 'failed', error: new GatewayError('quota-exhausted', 'Empty.') },
    { type: 'ok' },
    { type: 'dropped' },
  ];
  for (const outcome of outcomes) (await pool.lease([{ account, model: 'm' }], wish))?.release(outcome);
  expect(heard).toEqual(['pool failed', ['one', 'quota-exhausted'], 'pool ok', ['one', undefined], 'pool dropped']);
});

const rest = (cause: RestView['cause'], more: Partial<RestView> = {}): RestView => ({
  cause,
  since: 1,
  text: '',
  ...more,
});

test.each([
  ['that nobody told the end of', [rest('guessed')], true],
  ['that was to be mended', [rest('failed')], true],
  ['by hand', [rest('hand')], false],
  ['by hand besides one that nobody told the end of', [rest('guessed'), rest('hand')], false],
  ['whose end was told', [rest('told', { until: 9 })], false],
  ['of one model', [rest('guessed', { model: 'm' })], false],
  ['that is none', [], false],
])('a rest %s ends or not', (_, rests, ends) => {
  const proved: string[] = [];
  proveReturned({ listRests: () => rests, prove: (id) => proved.push(id) }, 'one');
  expect(proved).toEqual(ends ? ['one'] : []);
});
