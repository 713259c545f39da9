// The proxy through the whole house: of the settings and of the account, changed while it runs, and its password nowhere.
import { expect, it, onTestFinished } from 'vitest';
import { type FakeProxyOptions, startHttpProxy, startSocksProxy } from '../support/fake-proxies.ts';
import { KEY, openHouse } from '../support/house.ts';
import { startOpenAiStub, wholeText } from '../support/openai-stub.ts';

const HOST = 'upstream.example';

async function openScene(
  options: { account?: (ports: { http: number; socks: number }) => string; password?: string } = {},
) {
  const { account, password } = options;
  const stub = await startOpenAiStub();
  const names = { [HOST]: Number(new URL(stub.url).port) };
  const login: FakeProxyOptions = { names, ...(password === undefined ? {} : { user: 'me', password }) };
  const http = await startHttpProxy(login);
  const socks = await startSocksProxy(login);
  const own = account?.({ http: http.port, socks: socks.port });
  const baseUrl = `http://${HOST}${new URL(stub.url).pathname}`;
  const house = await openHouse({
    accounts: [
      {
        id: 'far',
        values: { baseUrl, ...(own === undefined ? {} : { proxy: own.replace(/:[^:@/]+@/, '@') }) },
        secrets: { key: 'sk-upstream-key', ...(own?.includes('@') ? { proxy: own } : {}) },
        models: ['m'],
      },
    ],
  });
  onTestFinished(async () => {
    await house.close();
    for (const one of [stub, http, socks]) await one.close();
  });
  const ask = async () => {
    stub.reply(wholeText('Hello'));
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'far/m', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    return { status: response.status, text: await response.text() };
  };
  return { house, http, socks, stub, ask };
}

it('the proxy of the settings is used from the next request on, and no longer when it is gone', async () => {
  const { house, http, socks, ask } = await openScene();
  await house.change({ proxy: `socks5://127.0.0.1:${socks.port}` });
  expect((await ask()).text).toContain('Hello');
  const after = socks.asked.length;
  expect(socks.asked[0]).toEqual({ how: 'domain', host: HOST, port: 80 });
  await house.change({ proxy: `http://127.0.0.1:${http.port}` });
  expect((await ask()).text).toContain('Hello');
  expect(http.asked.at(-1)).toEqual({ how: 'POST', host: HOST, port: 80 });
  await house.change({ proxy: '' });
  expect((await ask()).status).toBe(502);
  expect(socks.asked).toHaveLength(after);
});

it('the account’s own wins over it', async () => {
  const { house, http, socks, ask } = await openScene({ account: ({ socks: port }) => `socks5://127.0.0.1:${port}` });
  await house.change({ proxy: `http://127.0.0.1:${http.port}` });
  expect((await ask()).text).toContain('Hello');
  expect([http.asked, socks.asked.length > 0]).toEqual([[], true]);
});

it('a password goes to the proxy and nowhere else', async () => {
  const { http, stub, ask } = await openScene({
    account: (ports) => `http://me:account-word@127.0.0.1:${ports.http}`,
    password: 'account-word',
  });
  expect((await ask()).text).toContain('Hello');
  expect(http.asked.at(-1)?.login).toBe('me:account-word');
  expect(JSON.stringify(stub.requests)).not.toMatch(/account-word|proxy-authorization/);
});

it.each(['http', 'socks5'] as const)('a refused password is told to the client without it: %s', async (kind) => {
  const { house, http, socks, ask } = await openScene({ password: 'the-right-word' });
  const port = kind === 'http' ? http.port : socks.port;
  await house.change({ proxy: `${kind}://me:some-wrong-word@127.0.0.1:${port}` });
  const { status, text } = await ask();
  expect([status, text]).toEqual([502, expect.stringContaining('refuses the user')]);
  expect(text + JSON.stringify(house.log)).not.toContain('wrong-word');
  expect(text).toContain(`${kind}://me@127.0.0.1:${port}`);
});
