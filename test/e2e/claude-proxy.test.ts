// The real Claude Code program by way of a proxy: it asks through it, with the password, and is not started where it cannot.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FakeProxy, startHttpProxy, startSocksProxy } from '../support/fake-proxies.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude } from '../support/real-claude.ts';

const HOST = 'claude-upstream.example';
const MODEL = 'cc/claude-sonnet-5-5';

describeClaude('behind a proxy', (file) => {
  let stub: MessagesStub;
  let house: House;
  let proxies: { http: FakeProxy; socks: FakeProxy };

  beforeEach(async () => {
    stub = await startMessagesStub();
    const names = { [HOST]: Number(new URL(stub.url).port) };
    const login = { names, user: 'me', password: 'p@ss:/word' };
    proxies = { http: await startHttpProxy(login), socks: await startSocksProxy(login) };
  });
  afterEach(async () => {
    await house.close();
    for (const one of [stub, proxies.http, proxies.socks]) await one.close();
  });

  async function ask(proxy: string, upstream: string) {
    const env = { ANTHROPIC_BASE_URL: upstream };
    const account = { id: 'cc', provider: 'claude-code', values: { cliPath: file }, secrets: { key: 'sk-test' }, env };
    house = await openHouse({ accounts: [account], settings: { proxy } });
    stub.reply({ text: 'Hello from afar' });
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    return { status: response.status, text: await response.text() };
  }
  const login = `me:${encodeURIComponent('p@ss:/word')}@`;

  it('asks an HTTP proxy, which gets the name and the password', async () => {
    const { text } = await ask(`http://${login}127.0.0.1:${proxies.http.port}`, `http://${HOST}`);
    expect(text).toContain('Hello from afar');
    expect(proxies.http.asked.length).toBeGreaterThan(0);
    for (const { host, login: given } of proxies.http.asked) expect([host, given]).toEqual([HOST, 'me:p@ss:/word']);
  });

  it('is not started where there is only a SOCKS5 proxy, and says so', async () => {
    const { status, text } = await ask(`socks5://${login}127.0.0.1:${proxies.socks.port}`, `http://${HOST}`);
    expect([status, text]).toEqual([400, expect.stringContaining('cannot go through a SOCKS5 proxy')]);
    expect([stub.requests.length, proxies.socks.asked.length]).toEqual([0, 0]);
  });

  it('asks an upstream on this machine without either', async () => {
    const { text } = await ask(`socks5://${login}127.0.0.1:${proxies.socks.port}`, stub.url);
    expect(text).toContain('Hello from afar');
    expect(proxies.socks.asked).toEqual([]);
  });
});
