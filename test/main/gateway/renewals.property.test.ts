// Whatever happens to the clocks and to the upstreams: no storm of renewals, and no login that is left to end.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { createRenewals } from '../../../main/gateway/renewals.ts';
import { createListeners } from '../../../main/util/listeners.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Ahead of the end, with the longest jitter. */
const AHEAD = 12 * MINUTE;

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('advance'), ms: fc.integer({ min: SECOND, max: 2 * HOUR }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sleep'), ms: fc.integer({ min: MINUTE, max: 20 * HOUR }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('set'), ms: fc.integer({ min: -50 * HOUR, max: 50 * HOUR }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('fail'), ms: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('use'), ms: fc.constant(0) }) },
);

it('logins are renewed in time, two at a time, and hardly oftener than they have to be', async () => {
  const lives = fc.array(fc.integer({ min: 30, max: 300 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lives, fc.array(step, { maxLength: 14 }), fc.integer(), async (lifeMinutes, steps, seed) => {
      const clock = createVirtualClock();
      const changed = createListeners();
      let state = Math.abs(seed) + 1;
      const random = () => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
      };
      const logins = lifeMinutes.map((life) => ({
        ...{ lifeMs: life * MINUTE, endsAt: clock.now() + life * MINUTE, renewedAt: 0, tries: 0, failures: 0 },
      }));
      const list = logins.map(
        (_login, at): Account => ({
          ...{ id: String(at), provider: 'p', name: '', method: '', values: {}, env: {}, endpoints: {}, models: [] },
          source: 'settings',
        }),
      );
      const get = (id: string) => logins[Number(id)] as (typeof logins)[number];
      let failures = 0;
      let running = 0;
      let most = 0;
      const starts: number[] = [];
      const renewals = createRenewals({
        clock,
        random,
        accounts: {
          list: () => list,
          find: (id) => list.find((one) => one.id === id),
          openCredential: async (id) => ({ account: list[Number(id)] as Account, secrets: {} }),
          health: () => ({ state: 'ready' }),
          report: () => {},
          onChange: changed.add,
        },
        providers: new Map([
          [
            'p',
            {
              renewal: {
                covers: () => true,
                find: async ({ account: { id } }) => {
                  const { endsAt } = get(id);
                  return { login: id, endsAt, dueAt: endsAt - 10 * MINUTE };
                },
                renew: async ({ credential }) => {
                  const login = get(credential.account.id);
                  login.tries += 1;
                  starts.push(clock.uptime());
                  running += 1;
                  most = Math.max(most, running);
                  await new Promise<void>((resolve) => clock.schedule(resolve, 3 * SECOND));
                  running -= 1;
                  if (failures > 0) {
                    failures -= 1;
                    login.failures += 1;
                    throw new GatewayError('upstream', 'not now');
                  }
                  login.endsAt = clock.now() + login.lifeMs;
                  login.renewedAt = clock.uptime();
                },
              },
            },
          ],
        ]),
        pool: { prove: () => {} },
        redact: (text) => text,
      });
      // What a clock did before the first look nobody can know.
      await clock.advance(6 * SECOND);
      let moves = 0;
      for (const { type, ms } of steps) {
        if (type === 'advance') await clock.advance(ms);
        if (type === 'fail') failures += ms;
        if (type === 'use') changed.tell();
        if (type === 'sleep') clock.sleep(ms);
        if (type === 'set') clock.setWall(clock.now() + ms);
        if (type === 'sleep' || type === 'set') moves += 1;
      }
      failures = 0;
      await clock.advance(HOUR);
      for (const login of logins) {
        // What the wall clock does not say of the end, the other one does.
        expect(clock.uptime() - login.renewedAt).toBeLessThan(login.lifeMs);
        const needed = Math.floor(clock.uptime() / (login.lifeMs - AHEAD - MINUTE)) + 1;
        expect(login.tries).toBeLessThanOrEqual(needed + moves + login.failures);
      }
      expect(most).toBeLessThanOrEqual(2);
      const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
      for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(2 * SECOND - 1);
      const closing = renewals.close();
      await clock.advance(11 * SECOND);
      await closing;
    }),
    { numRuns: 60 },
  );
}, 30_000);
