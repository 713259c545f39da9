// Accounts that go while somebody is on the way to them: lists and requests go on with those that are left.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { openRoutingScene } from '../../support/routing-scene.ts';

type Scene = ReturnType<typeof openRoutingScene>;

/** Takes the account out of the configuration file. */
function remove({ accounts }: Scene, gone: string): void {
  const kept = accounts.list().filter(({ id }) => id !== gone);
  accounts.replaceFile(kept.map((account: Account) => ({ account, secrets: {}, secretEnv: [] })));
}

it('an account that goes while the models of another are still being listed is not offered afterwards', async () => {
  let answer: () => void = () => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const scene = openRoutingScene({
    accounts: [{ id: 'gone' }, { id: 'slow' }],
    providers: {
      scripted: {
        listModels: async ({ credential: { account } }) => {
          if (account.id === 'slow') await slow;
          return [{ id: 'm' }];
        },
      },
    },
  });
  scene.accounts.onChange(scene.catalog.forget);
  const listing = scene.catalog.list(false);
  expect(await scene.plan('m')).toEqual(['m = gone:m']);
  remove(scene, 'gone');
  expect(scene.catalog.peek('m')).toEqual([]);
  answer();
  expect((await listing).entries.map(({ account }) => account.id)).toEqual(['slow']);
  expect(await scene.plan('m')).toEqual(['m = slow:m']);
});

it('a request passes by an account that went after it had set out', async () => {
  const called: string[] = [];
  const scene: Scene = openRoutingScene({
    accounts: ['one', 'two', 'three'].map((id) => ({ id, models: ['m'] })),
    providers: {
      scripted: {
        converse: async function* (_request, { credential: { account } }) {
          called.push(account.id);
          if (account.id === 'one') {
            remove(scene, 'two');
            throw new GatewayError('overloaded', 'Busy', { provider: 'scripted', status: 503 });
          }
          yield [{ type: 'reply-start' }, { type: 'reply-end', finishReason: { kind: 'stop' } }];
        },
      },
    },
  });
  expect((await scene.ask('m', undefined)).error).toBeUndefined();
  expect(called).toEqual(['one', 'three']);
});

it('what runs for an account that has become another says nothing of its health', async () => {
  const scene: Scene = openRoutingScene({
    accounts: [{ id: 'one', models: ['m'] }],
    providers: {
      scripted: {
        converse: async function* () {
          const changed = scene.accounts
            .list()
            .map((account) => ({ ...account, values: { base: crypto.randomUUID() } }));
          scene.accounts.replaceFile(changed.map((account) => ({ account, secrets: {}, secretEnv: [] })));
          if (fails) throw new GatewayError('unauthorized', 'Bad key', { provider: 'scripted', status: 401 });
          yield [{ type: 'reply-start' }, { type: 'reply-end', finishReason: { kind: 'stop' } }];
        },
      },
    },
  });
  let fails = true;
  expect((await scene.ask('m', undefined)).error?.kind).toBe('unauthorized');
  expect(scene.accounts.health('one').state).toBe('untested');
  fails = false;
  expect((await scene.ask('m', undefined)).error).toBeUndefined();
  expect(scene.accounts.health('one').state).toBe('untested');
});
