// Router, pool and gateway through days of made-up trouble, asserted on what everybody may rely on: nothing that could be
// served is lost, nobody rests too long, turns are fair, and everything ends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Routing, type Strategy } from '../../../shared/routing.ts';
import {
  type Happening,
  type KnownRest,
  mayHold,
  runWorld,
  type Trouble,
  type World,
  type WorldScript,
  type WorldView,
} from '../../support/simulator.ts';

/** Ten thousand requests take seconds, and a busy machine has few of them. */
const SLOW_MS = 60_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** The longest guess of all. */
const LONGEST_GUESS_MS = 2 * HOUR_MS;

const strategies: readonly Strategy[] = ['failover', 'round-robin', 'fill-first', 'least-used'];
const pool = (strategy: Strategy, sticky: boolean) => ({ pools: { p: { strategy, sticky } } });

/** Requests at any time, five in six of which go on with one of ten conversations. */
function listAsks(seed: number, count: number, lengthMs: number): Happening[] {
  let state = seed;
  const next = (most: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  return Array.from({ length: count }, () => {
    const [at, conversation] = [next(lengthMs), next(12)];
    return conversation < 10 ? { type: 'ask', at, conversation } : { type: 'ask', at };
  });
}

/** A script over so much time, with so many requests. */
function anyScript(requests: number, lengthMs: number): fc.Arbitrary<WorldScript> {
  return fc
    .record({ accounts: fc.integer({ min: 1, max: 4 }), others: fc.integer({ min: 0, max: 1 }) })
    .chain(({ accounts, others }) => {
      const account = fc.nat(accounts + others - 1);
      const at = fc.nat(lengthMs);
      const trouble: fc.Arbitrary<Trouble> = fc
        .record({
          account,
          from: at,
          lastsMs: fc.oneof(fc.nat(MINUTE_MS), fc.nat(lengthMs)),
          kind: fc.constantFrom<Trouble['kind']>(
            'limit-told',
            'limit',
            'login',
            'quota',
            'burst',
            'hidden',
            'cut',
            'hang',
          ),
        })
        .map(({ lastsMs, ...rest }) => ({ ...rest, until: rest.from + lastsMs }));
      const happening: fc.Arbitrary<Happening> = fc.oneof(
        fc.record({
          type: fc.constant('jump' as const),
          at,
          byMs: fc.integer({ min: -48 * HOUR_MS, max: 48 * HOUR_MS }),
        }),
        fc.record({ type: fc.constant('sleep' as const), at, ms: fc.nat(8 * HOUR_MS) }),
        fc.record({ type: fc.constant('rest' as const), at, account, ms: fc.integer({ min: 1, max: HOUR_MS }) }),
        fc.record({ type: fc.constant('use' as const), at, account }),
      );
      return fc.record({
        accounts: fc.constant(accounts),
        others: fc.constant(others),
        troubles: fc.array(trouble, { maxLength: 12 }),
        happenings: fc
          .tuple(fc.nat(), fc.array(happening, { maxLength: 8 }))
          .map(([seed, others]) => [...listAsks(seed, requests, lengthMs), ...others]),
        routing: fc
          .record({ strategy: fc.constantFrom(...strategies), sticky: fc.boolean() })
          .map(
            ({ strategy, sticky }): Partial<Routing> =>
              Routing.parse({ ...pool(strategy, sticky), fallbacks: others > 0 ? { m: ['n'] } : {} }),
          ),
      });
    });
}

/** Takes down whoever rests beyond what is known; looks after everything that happens. */
const findLongRests =
  (faults: string[]) =>
  ({ clock, pool: rooms, accounts, rests }: WorldView): void => {
    for (const [index, account] of accounts.list().entries()) {
      const held = rests.filter((rest) => rest.account === index && mayHold(rest, clock));
      const ends = held.map(({ since, ms }) => Math.min(since.wall + ms - clock.now(), since.up + ms - clock.uptime()));
      for (const { cause, until } of rooms.listRests(account.id)) {
        if (until === undefined) continue;
        const most = cause === 'told' || cause === 'hand' ? Math.max(...ends) : LONGEST_GUESS_MS;
        // Ends are shown by the wall clock, rounded.
        const surplus = until - clock.now() - most;
        if (surplus > SECOND_MS) faults.push(`${account.id} rests ${surplus} ms too long (${cause})`);
      }
      const model = account.provider === 'p' ? 'm' : 'n';
      if (held.length === 0 && rooms.rank([{ account, model }], {})[0]?.isShut)
        faults.push(`${account.id} is shut and nobody has said so`);
    }
  };

/** What should not have come of requests: they hang, ask twice, disturb who rests, fail where somebody could have served. */
function findLost({ accounts, others = 0 }: WorldScript, world: World): string[] {
  const left = world.left === 0 ? [] : [`${world.left} places were not given back`];
  const lost = world.requests.flatMap(({ number, begun, ended, error, called, disturbed }) => {
    if (disturbed.length > 0) return [`request ${number} asked ${disturbed} who had said until when it rests`];
    if (ended === undefined) return [`request ${number} has no end`];
    if (new Set(called).size < called.length) return [`request ${number} asked ${called}`];
    if (error === undefined) return [];
    // At any time of the search, by the clock that was further back.
    const mayHaveRested = ({ since, ms }: KnownRest) =>
      since.up <= ended.up && begun.up < since.up + ms && Math.min(begun.wall, ended.wall) < since.wall + ms;
    const could = Array.from({ length: accounts + others }, (_, index) => index).filter(
      (index) =>
        world.isHealthy(index, begun, ended) &&
        !world.rests.some((rest) => rest.account === index && mayHaveRested(rest)),
    );
    return could.length === 0 ? [] : [`request ${number} was lost though ${could} could serve: ${error.message}`];
  });
  return [...left, ...lost];
}

async function findFaults(script: WorldScript): Promise<string[]> {
  const faults: string[] = [];
  const world = await runWorld(script, findLongRests(faults));
  return [...faults, ...findLost(script, world)];
}

describe('whatever goes wrong', () => {
  it(
    'no request is lost that somebody could serve, nobody rests beyond the end, and everything ends',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyScript(200, 2 * HOUR_MS), async (script) => {
          expect(await findFaults(script)).toEqual([]);
        }),
        { numRuns: 35 },
      );
    },
    SLOW_MS,
  );

  it(
    'nor where requests come close together',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyScript(200, 2 * MINUTE_MS), async (script) => {
          expect(await findFaults(script)).toEqual([]);
        }),
        { numRuns: 15 },
      );
    },
    SLOW_MS,
  );
});

describe('turns are fair', () => {
  const ask = (count: number, everyMs: number): Happening[] =>
    Array.from({ length: count }, (_, index) => ({ type: 'ask', at: index * everyMs }));
  const anyPace = fc.record({
    accounts: fc.integer({ min: 2, max: 5 }),
    everyMs: fc.integer({ min: 20, max: 2_000 }),
    durations: fc.array(fc.nat(3_000), { minLength: 1, maxLength: 20 }),
  });
  const countAnswers = (world: World, from = 0) => {
    const counts = new Map<number, number>();
    for (const { called, error } of world.requests.slice(from)) {
      const last = called.at(-1);
      if (error === undefined && last !== undefined) counts.set(last, (counts.get(last) ?? 0) + 1);
    }
    return [...counts.values()];
  };
  const checkFair = (counts: readonly number[], accounts: number) => {
    const mean = counts.reduce((sum, count) => sum + count, 0) / accounts;
    expect(counts).toHaveLength(accounts);
    for (const count of counts) expect(Math.abs(count - mean) / mean).toBeLessThan(0.02);
  };

  it('within two in a hundred where each has its turn, however long answers take', async () => {
    await fc.assert(
      fc.asyncProperty(anyPace, async ({ accounts, everyMs, durations }) => {
        const takes = (request: number) => durations[request % durations.length] ?? 0;
        const routing = pool('round-robin', true);
        const world = await runWorld({ accounts, routing, takes, happenings: ask(500, everyMs) });
        checkFair(countAnswers(world), accounts);
      }),
      { numRuns: 5 },
    );
  });

  it('within two in a hundred where the least used is asked, and by what they have to do where answers differ', async () => {
    await fc.assert(
      fc.asyncProperty(anyPace, async ({ accounts, everyMs, durations }) => {
        const routing = pool('least-used', true);
        const happenings = ask(500, everyMs);
        const even = await runWorld({ accounts, routing, takes: () => durations[0] ?? 0, happenings });
        checkFair(countAnswers(even), accounts);
        const takes = (request: number) => durations[request % durations.length] ?? 0;
        const { most } = await runWorld({ accounts, routing, takes, happenings });
        expect(Math.max(...most) - Math.min(...most)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 4 },
    );
  });

  it.each(['round-robin', 'least-used'] as const)(
    'among those that can serve, while others cannot: %s',
    async (strategy) => {
      const rest: Happening = { type: 'rest', at: 50_000, account: 0, ms: 10 * HOUR_MS };
      const happenings = [...ask(1_000, 100), rest];
      const world = await runWorld({ accounts: 4, routing: pool(strategy, true), happenings });
      checkFair(countAnswers(world, 510), 3);
    },
  );
});

it('a limit of requests at a time is never passed, and those who wait are served', async () => {
  const happenings = Array.from({ length: 500 }, (_, index): Happening => ({ type: 'ask', at: index * 10 }));
  const routing = Routing.parse({
    ...pool('round-robin', false),
    accounts: { a0: { concurrency: 1 }, a1: { concurrency: 3 } },
  });
  const world = await runWorld({ accounts: 2, routing, happenings, takes: () => 400 });
  expect(world.most).toEqual([1, 3]);
  expect(world.requests.filter(({ error, ended }) => error !== undefined || ended === undefined)).toEqual([]);
});

it(
  'logins are renewed in time, one at a time, and never in a storm',
  async () => {
    const livesMs = HOUR_MS;
    await fc.assert(
      fc.asyncProperty(anyScript(20, 12 * HOUR_MS), async (script) => {
        const world = await runWorld({ ...script, loginsLiveMs: livesMs });
        const { troubles = [], happenings } = script;
        const disturbances = happenings.filter(({ type }) => type === 'jump' || type === 'sleep').length;
        const count = script.accounts + (script.others ?? 0);
        for (let index = 0; index < count; index += 1) {
          const refused = troubles.filter(({ account, kind }) => account === index && kind === 'login');
          // The back-off begins at half a minute and ends at half an hour.
          const vain = refused.reduce((sum, { from, until }) => sum + 8 + (until - from) / (HOUR_MS / 2), 0);
          const most = world.ended.world / (livesMs - 15 * MINUTE_MS) + 2 * disturbances + vain + 2;
          expect(world.logins?.calls.get(`a${index}`) ?? 0).toBeLessThanOrEqual(most);
          if (disturbances + refused.length === 0)
            expect(world.logins?.calls.get(`a${index}`) ?? 0).toBeGreaterThanOrEqual(
              Math.floor(world.ended.world / livesMs),
            );
        }
        expect(world.logins?.most ?? 0).toBeLessThanOrEqual(1);
      }),
      { numRuns: 12 },
    );
  },
  SLOW_MS,
);
