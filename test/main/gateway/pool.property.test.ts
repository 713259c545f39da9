// What holds for a pool whatever happens to it: requests come and go, fail in every way, clocks are set and the machine sleeps.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ErrorKind } from '../../../main/canonical/errors.ts';
import { createPool, type Lease, type Outcome, type Pool } from '../../../main/gateway/pool.ts';
import type { Candidate } from '../../../main/gateway/route-plan.ts';
import type { Strategy } from '../../../shared/routing.ts';
import { createFailure, createMembers, serveMany, takePlace } from '../../support/pool-members.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const NAMES = ['x:a', 'y:b', 'x:c', 'y:d', 'x:e', 'x:a/other', 'y:d/other'];

const strategy = fc.constantFrom<Strategy>('failover', 'round-robin', 'fill-first', 'least-used');
const rules = fc.record({
  pools: fc.record({
    x: fc.record({ strategy, sticky: fc.boolean() }),
    y: fc.record({ strategy, sticky: fc.boolean() }),
  }),
  accounts: fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fc.record({ priority: fc.integer({ min: -1, max: 1 }), concurrency: fc.integer({ min: 0, max: 2 }) }),
  ),
});
/** As the router gives them: an account serves a name with one of its models. */
const members = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, selector: (one) => one.split('/')[0] })
  .map((names) => createMembers(...names));
const kind = fc.constantFrom<ErrorKind>(
  'unauthorized',
  'forbidden',
  'not-found',
  'rate-limited',
  'quota-exhausted',
  'overloaded',
  'timeout',
  'upstream',
  'invalid-request',
);
const outcome = fc.oneof(
  { arbitrary: fc.constant<Outcome>({ type: 'ok' }), weight: 3 },
  { arbitrary: fc.constant<Outcome>({ type: 'dropped' }), weight: 1 },
  {
    arbitrary: fc
      .record({ kind, retryAfterMs: fc.option(fc.integer({ min: 1, max: 7_200_000 }), { nil: undefined }) })
      .map(({ kind: what, retryAfterMs }): Outcome => {
        return { type: 'failed', error: createFailure(what, 'no', retryAfterMs === undefined ? {} : { retryAfterMs }) };
      }),
    weight: 3,
  },
);
const conversation = fc.option(fc.constantFrom('p', 'q'), { nil: undefined });
const account = fc.constantFrom('a', 'b', 'c', 'd', 'e');

type Happening =
  | { readonly type: 'lease'; readonly members: readonly Candidate[]; readonly conversation: string | undefined }
  | { readonly type: 'release'; readonly which: number; readonly outcome: Outcome }
  | { readonly type: 'advance' | 'sleep' | 'set'; readonly ms: number }
  | { readonly type: 'rest'; readonly account: string; readonly ms: number | undefined }
  | { readonly type: 'use' | 'prove' | 'replace' | 'forget'; readonly account: string };

const span = fc.integer({ min: 0, max: 3_600_000 });
const happening = fc.oneof<fc.Arbitrary<Happening>[]>(
  fc.record({ type: fc.constant('lease'), members, conversation }),
  fc.record({ type: fc.constant('lease'), members, conversation }),
  fc.record({ type: fc.constant('release'), which: fc.nat(), outcome }),
  fc.record({ type: fc.constant('release'), which: fc.nat(), outcome }),
  fc.record({ type: fc.constantFrom('advance', 'sleep'), ms: span }),
  fc.record({ type: fc.constant('set'), ms: fc.integer({ min: -7_200_000, max: 7_200_000 }) }),
  fc.record({ type: fc.constant('rest'), account, ms: fc.option(span, { nil: undefined }) }),
  fc.record({ type: fc.constantFrom('use', 'prove', 'replace', 'forget'), account }),
);
const story = fc.array(happening, { maxLength: 40 });

/** A place that is taken or waited for. */
interface Held {
  lease?: Lease | undefined;
  isOver: boolean;
}

interface World {
  readonly clock: VirtualClock;
  readonly pool: Pool;
  readonly held: Held[];
}

/** A macrotask: whatever was resolved is seen after it. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function openWorld(given: Parameters<typeof openRules>[0]): World {
  const clock = createVirtualClock();
  return { clock, pool: createPool({ clock, rules: () => openRules(given) }), held: [] };
}

const openRules = (given: typeof rules extends fc.Arbitrary<infer Value> ? Value : never) => given;

function ask({ pool, held }: World, asked: readonly Candidate[], wish: { conversation?: string } = {}): Held {
  const one: Held = { isOver: false };
  held.push(one);
  void takePlace(pool, asked, wish).then((lease) => Object.assign(one, { lease, isOver: lease === undefined }));
  return one;
}

async function happen(world: World, what: Happening): Promise<void> {
  const { clock, pool, held } = world;
  switch (what.type) {
    case 'lease':
      ask(world, what.members, what.conversation === undefined ? {} : { conversation: what.conversation });
      break;
    case 'release': {
      const taken = held.filter(({ lease, isOver }) => lease !== undefined && !isOver);
      const one = taken[what.which % Math.max(1, taken.length)];
      if (one === undefined) break;
      one.isOver = true;
      one.lease?.release(what.outcome);
      break;
    }
    case 'advance':
      await clock.advance(what.ms);
      break;
    case 'sleep':
      clock.sleep(what.ms);
      break;
    case 'set':
      clock.setWall(clock.now() + what.ms);
      break;
    case 'rest':
      pool.rest(what.account, what.ms === undefined ? undefined : clock.now() + what.ms);
      break;
    default:
      pool[what.type](what.account);
  }
  await settle();
}

const name = ({ account: { id }, model }: Candidate) => `${id}/${model}`;

test('the order that is told is the order in which members are taken, each of them once, and never one that is shut', async () => {
  await fc.assert(
    fc.asyncProperty(rules, story, members, conversation, async (given, told, asked, about) => {
      const world = openWorld(given);
      for (const what of told) await happen(world, what);
      const wish = about === undefined ? {} : { conversation: about };
      const ranked = world.pool.rank(asked, wish);
      expect(world.pool.rank(asked, wish)).toEqual(ranked);
      expect(ranked.map(({ candidate }) => name(candidate)).toSorted()).toEqual(asked.map(name).toSorted());
      const expected = ranked.filter(({ isShut }) => !isShut);
      const tried = new Set<string>();
      for (const { candidate, standing, text } of expected) {
        expect(text).toMatch(/^[A-Z].*[.!?]$|^Asked last|^It rests/);
        const running = world.pool.countRunning(candidate.account.id);
        const abort = new AbortController();
        const leasing = world.pool.lease(asked, {
          ...wish,
          signal: abort.signal,
          isTried: (one) => tried.has(name(one)),
        });
        let lease: Lease | 'waits' | undefined = 'waits';
        void leasing.then(
          (taken) => {
            lease = taken;
          },
          () => {},
        );
        await settle();
        const isWaiting = (lease as unknown) === 'waits';
        if (isWaiting) abort.abort();
        else expect((lease as unknown as Lease).candidate).toEqual(candidate);
        // It waits where no place is free at the one whose turn it is, and only there.
        const most = given.accounts[candidate.account.id]?.concurrency ?? 0;
        const isFull = most > 0 && running >= most;
        expect(isWaiting).toBe(isFull);
        expect(standing === 'busy' && !isFull).toBe(false);
        if (!isWaiting) (lease as unknown as Lease).release({ type: 'dropped' });
        tried.add(name(candidate));
      }
      const signal = new AbortController().signal;
      const none = world.pool.lease(asked, { ...wish, signal, isTried: (one) => tried.has(name(one)) });
      expect(await none).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

test('nobody rests beyond its end by either clock', async () => {
  await fc.assert(
    fc.asyncProperty(rules, story, async (given, told) => {
      const world = openWorld(given);
      for (const what of told) {
        const { clock, pool } = world;
        await happen(world, what);
        for (const id of ['a', 'b', 'c', 'd', 'e'])
          for (const { until, since, cause } of pool.listRests(id)) {
            if (until === undefined) continue;
            expect(until, `${cause} since ${since}`).toBeGreaterThan(clock.now());
          }
      }
      // Whatever the clocks were set to: after the longest span that anybody has named, nothing is left that has an end.
      await world.clock.advance(7_200_000);
      for (const id of ['a', 'b', 'c', 'd', 'e'])
        expect(world.pool.listRests(id).filter(({ until }) => until !== undefined)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('whoever waits gets a place or an answer when those before are through', async () => {
  await fc.assert(
    fc.asyncProperty(rules, story, async (given, told) => {
      const world = openWorld(given);
      for (const what of told) await happen(world, what);
      for (let round = 0; world.held.some(({ isOver }) => !isOver); round++) {
        expect(round).toBeLessThan(100);
        for (const one of world.held) {
          if (one.lease === undefined || one.isOver) continue;
          one.isOver = true;
          one.lease.release({ type: 'ok' });
        }
        await settle();
      }
      for (const id of ['a', 'b', 'c', 'd', 'e']) expect(world.pool.countRunning(id)).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test('no account ever has more requests than the rules allow', async () => {
  await fc.assert(
    fc.asyncProperty(rules, story, async (given, told) => {
      const world = openWorld(given);
      for (const what of told) {
        await happen(world, what);
        for (const [id, { concurrency }] of Object.entries(given.accounts))
          if (concurrency > 0) expect(world.pool.countRunning(id)).toBeLessThanOrEqual(concurrency);
      }
    }),
    { numRuns: 100 },
  );
});

test('round robin is fair within one request', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 60 }), async (accounts, requests) => {
      const clock = createVirtualClock();
      const pools = { acme: { strategy: 'round-robin', sticky: true } } as const;
      const pool = createPool({ clock, rules: () => ({ pools, accounts: {} }) });
      const asked = createMembers(...'abcdefg'.slice(0, accounts));
      await serveMany(pool, asked, requests);
      const served = asked.map(({ account: { id } }) => pool.counts(id).served);
      expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50 },
  );
});
