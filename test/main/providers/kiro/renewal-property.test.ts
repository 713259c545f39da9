// Patchbay and another program share one login and renew it in any order, with throttled hosts and restarts in between: nobody
// is ever signed out while a refresh token that works is known to either.
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KiroScene, MINUTE, openKiroScene, readJson, writeIdeLogin } from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/MINE';

type Happening =
  | 'open'
  | 'open-many'
  | 'refused'
  | 'other-renews'
  | 'both-at-once'
  | 'other-writes-late'
  | 'throttled'
  | 'restart';
type World = Readonly<Record<Happening, () => Promise<void>>> & { readonly end: () => Promise<void> };

/** One machine with both programs on it. */
function createWorld(home: string, { stub, clock, signal, start, account: fill }: KiroScene): World {
  const issued = stub.issue({ profileArn: ARN });
  const ends = () => new Date(clock.time + stub.lifeS * 1000).toISOString();
  const path = writeIdeLogin(home, issued, { expiresAt: ends(), profileArn: ARN });
  const account = fill({ method: 'kiro-ide', values: { credsFile: path } });
  let { logins } = start();
  /** The other program renews from what the file says, and writes it down when the returned function is called. */
  const renewElsewhere = (): (() => void) => {
    const renewed = stub.renew(String(readJson(path).refreshToken));
    if (renewed === undefined) return () => {};
    const before = readFileSync(path, 'utf8');
    writeIdeLogin(home, renewed, { expiresAt: ends(), profileArn: ARN });
    const after = readFileSync(path, 'utf8');
    writeFileSync(path, before);
    return () => writeFileSync(path, after);
  };
  const open = async () => {
    const access = await logins.open(account, signal);
    expect(stub.isLive(access.token)).toBe(true);
    return access;
  };
  return {
    open: async () => void (await open()),
    'open-many': async () => void (await Promise.all([open(), open(), open()])),
    refused: async () => {
      const access = await open();
      clock.time += MINUTE;
      await logins.renew(account, access, signal);
    },
    'other-renews': async () => renewElsewhere()(),
    'both-at-once': async () => {
      const ours = logins.open(account, signal);
      const write = renewElsewhere();
      await Promise.resolve();
      write();
      await ours.catch(() => open());
    },
    'other-writes-late': async () => {
      const write = renewElsewhere();
      // The other program alone knows the only token that works: we may fail now, and must recover.
      await logins.open(account, signal).catch(() => undefined);
      write();
    },
    throttled: async () => {
      stub.fail('/refreshToken', { status: 429 });
      await logins.open(account, signal).catch(() => undefined);
      stub.heal();
    },
    restart: async () => {
      ({ logins } = start());
    },
    end: async () => {
      clock.time += 3 * MINUTE;
      await open();
      expect(stub.isLive(String(readJson(path).refreshToken))).toBe(true);
    },
  };
}

const Step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Happening>('open', 'open-many', 'other-renews') },
  { weight: 5, arbitrary: fc.constantFrom<Happening>('both-at-once', 'other-writes-late', 'refused') },
  { weight: 2, arbitrary: fc.constantFrom<Happening>('throttled', 'restart') },
  { weight: 5, arbitrary: fc.constantFrom(8 * MINUTE, 52 * MINUTE, 70 * MINUTE) },
);

test('no order of renewals by us and by another program signs either out while a refresh token works', async () => {
  const home = makeTempFolder();
  const steps = fc.array(Step, { minLength: 4, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (list, rotates) => {
      const scene = await openKiroScene(home);
      try {
        scene.stub.rotates = rotates;
        const world = createWorld(home, scene);
        for (const step of list) {
          if (typeof step === 'number') scene.clock.time += step;
          else await world[step]();
        }
        await world.end();
      } finally {
        await scene.close();
      }
    }),
    { numRuns: 40 },
  );
});
