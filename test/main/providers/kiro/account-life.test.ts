// The life of an account that signs in itself, from the dialogue to its removal, over the real account book; Kiro's and Amazon's
// own addresses are led to the stub.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAccountBook } from '../../../../main/credentials/account-book.ts';
import { createProviderVault } from '../../../../main/credentials/provider-vault.ts';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createKiroCredentials } from '../../../../main/providers/kiro/credentials.ts';
import { createSettingsStore } from '../../../../main/settings-store.ts';
import { createPerson } from '../../../support/fake-person.ts';
import { type KiroScene, MINUTE, openKiroScene } from '../../../support/kiro-scene.ts';
import { createSilentLogger } from '../../../support/silent-logger.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

let scene: KiroScene;
let http: HttpClient;
const called: string[] = [];

beforeEach(async () => {
  scene = await openKiroScene(makeTempFolder());
  scene.clock.atOnceBelowMs = 60_000;
  const real = createHttpClient();
  called.length = 0;
  http = {
    ...real,
    open: (request) => {
      const { host, pathname } = new URL(request.url);
      called.push(host);
      const [, oidc] = /^oidc\.(.+)\.amazonaws\.com$/.exec(host) ?? [];
      const [, management] = /^management\.(.+)\.kiro\.dev$/.exec(host) ?? [];
      const place = oidc === undefined ? `management/${management ?? 'nowhere'}` : `oidc/${oidc}`;
      return real.open({ ...request, url: `${scene.stub.url}/${place}${pathname}` });
    },
  };
});
afterEach(async () => {
  await http.close();
  await scene.close();
});

test('an account is signed in, used, renamed, signed in again and removed, and nothing of it is left', async () => {
  const { vault, clock, machine, signal } = scene;
  const accounts = createAccountBook({
    store: createSettingsStore({ dataFolder: makeTempFolder() }),
    vault,
    learnSecret: () => {},
  });
  const own = createProviderVault({ vault: () => vault, provider: () => 'kiro', learnSecret: () => {} });
  const services = { http, logger: createSilentLogger(), vault: own };
  const { login, logins } = createKiroCredentials(services, { machine, now: clock.now, pause: clock.pause });
  const draft = { provider: 'kiro', name: 'Kiro', method: 'sign-in', values: {}, env: {}, endpoints: {}, models: [] };
  const signIn = async (credential: Parameters<typeof login.signIn>[0]['credential']) => {
    const { dialogue } = createPerson([{ kind: 'builder-id' }], signal);
    return await login.signIn({ credential, dialogue, signal });
  };
  const first = await signIn({ account: { ...draft, id: 'new', source: 'settings' }, secrets: {} });
  const { id } = await accounts.add(draft, first.secrets ?? {});
  const before = await logins.open(await accounts.openCredential(id), signal);
  expect(scene.stub.isLive(before.token)).toBe(true);
  expect(new Set(called)).toEqual(
    new Set(['oidc.us-east-1.amazonaws.com', 'management.us-east-1.kiro.dev', 'management.eu-central-1.kiro.dev']),
  );

  await login.forget(await accounts.openCredential(id), [await accounts.change(id, { name: 'Other' }, {})]);
  clock.time += 120 * MINUTE;
  const renewed = await logins.open(await accounts.openCredential(id), signal);
  expect(renewed.token).not.toBe(before.token);

  const second = await signIn(await accounts.openCredential(id));
  await accounts.change(id, {}, second.secrets ?? {});
  const anew = await logins.open(await accounts.openCredential(id), signal);
  expect(anew.token).not.toBe(renewed.token);
  expect(anew.fingerprint).toBe(before.fingerprint);

  const last = await accounts.openCredential(id);
  await accounts.remove(id);
  await login.forget(last, accounts.list());
  expect([...vault.secrets.keys()]).toEqual([]);
});
