// The upstream client by way of real proxies on loopback: what they are asked, what they may do wrong, and what never goes there.
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient, type UpstreamRequest } from '../../../main/http/client.ts';
import { type FakeProxyOptions, startHttpProxy, startSocksProxy } from '../../support/fake-proxies.ts';

let client: HttpClient;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  client = createHttpClient({ openMs: 200 });
});

afterEach(async () => {
  await client.close();
  for (const close of closers.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const HOST = 'upstream.example';
const KINDS = ['http', 'socks5'] as const;

async function startProxy(kind: (typeof KINDS)[number], options: FakeProxyOptions) {
  const proxy = await (kind === 'http' ? startHttpProxy : startSocksProxy)(options);
  closers.push(proxy.close);
  return { ...proxy, at: (login = '') => `${kind}://${login}127.0.0.1:${proxy.port}` };
}

const get = (proxy: string | undefined, extra: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'GET',
  url: `http://${HOST}/path?x=1`,
  signal: new AbortController().signal,
  firstByteMs: 5_000,
  idleMs: 5_000,
  proxy,
  ...extra,
});

describe.each(KINDS)('a proxy of the kind %s', (kind) => {
  it('gets the name, looks it up, and leads there', async () => {
    const hosts: (string | undefined)[] = [];
    const port = await serve(({ url, headers }, response) => {
      hosts.push(headers.host);
      response.end(`${url} ${headers['proxy-authorization'] ?? 'no login'}`);
    });
    const proxy = await startProxy(kind, { names: { [HOST]: port } });
    const answer = await client.open(get(proxy.at()));
    expect(await answer.text()).toBe('/path?x=1 no login');
    expect(hosts).toEqual([HOST]);
    expect(proxy.asked).toEqual([{ how: kind === 'http' ? 'GET' : 'domain', host: HOST, port: 80 }]);
  });

  it('is told user and password, whatever signs are in them, and the upstream is not', async () => {
    const port = await serve(({ headers }, response) => response.end(headers['proxy-authorization'] ?? 'no login'));
    const proxy = await startProxy(kind, { names: { [HOST]: port }, user: 'änne', password: 'p@ss:/w%41#?' });
    const login = `${encodeURIComponent('änne')}:${encodeURIComponent('p@ss:/w%41#?')}@`;
    expect(await (await client.open(get(proxy.at(login)))).text()).toBe('no login');
    expect(proxy.asked[0]?.login).toBe('änne:p@ss:/w%41#?');
  });

  it('that refuses the password is named without it', async () => {
    const proxy = await startProxy(kind, { names: {}, user: 'me', password: 'right' });
    const error = await client.open(get(proxy.at('me:secret-wrong@'))).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'upstream', code: 'proxy_login_refused' });
    expect(String(error)).toContain(`The proxy ${kind}://me@127.0.0.1:${proxy.port} refuses the user "me"`);
    expect(String(error)).not.toContain('secret-wrong');
  });

  it('that wants a password and gets none says so', async () => {
    const proxy = await startProxy(kind, { names: {}, user: 'me', password: 'right' });
    await expect(client.open(get(proxy.at()))).rejects.toThrow('wants a user and a password');
  });

  it('that nobody runs is named', async () => {
    const proxy = await startProxy(kind, { names: {} });
    await proxy.close();
    closers.pop();
    const error = await client.open(get(proxy.at('me:secret@'))).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'proxy_unreachable' });
    expect(String(error)).toContain(`${kind}://me@127.0.0.1:${proxy.port} cannot be reached: nothing listens there`);
  });

  it('that hangs up at once, says nothing or closes in the middle is named', async () => {
    const codes: unknown[] = [];
    for (const fail of ['greeting', 'answer', 'silence'] as const) {
      const proxy = await startProxy(kind, { names: {}, fail });
      const error = await client.open(get(proxy.at(), { url: `https://${HOST}/` })).catch((thrown: unknown) => thrown);
      codes.push(error instanceof Error && 'code' in error ? error.code : error);
      expect(String(error)).toContain(`The proxy ${proxy.at()} does not lead to ${HOST}:443`);
    }
    expect(codes).toEqual(['proxy_no_way', 'proxy_no_way', 'proxy_no_way']);
  });

  it('that speaks something else is not taken for a proxy', async () => {
    const other = await startProxy(kind === 'http' ? 'socks5' : 'http', { names: {}, fail: 'nonsense' });
    const error = await client
      .open(get(`${kind}://127.0.0.1:${other.port}`, { url: `https://${HOST}/` }))
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/proxy|closed/);
    expect(error).toHaveProperty('kind', 'upstream');
  });

  it('leads TLS through to the host itself', async () => {
    const hello = await new Promise<Buffer>((resolve, reject) => {
      const server = createTcpServer((socket) => {
        socket
          .on('error', () => {})
          .once('data', (chunk) => {
            resolve(chunk);
            socket.destroy();
          });
      });
      closers.push(() => new Promise((done) => server.close(done)));
      server.listen(0, '127.0.0.1', () => void ask((server.address() as AddressInfo).port).catch(reject));
      const ask = async (port: number) => {
        const proxy = await startProxy(kind, { names: { [HOST]: port } });
        await client.open(get(proxy.at(), { url: `https://${HOST}:8443/` })).catch(() => {});
        expect(proxy.asked).toEqual([{ how: kind === 'http' ? 'CONNECT' : 'domain', host: HOST, port: 8443 }]);
      };
    });
    expect([hello[0], hello.includes(HOST)]).toEqual([0x16, true]);
  });

  it('passes a stream on as it comes, and an abort closes the way', async () => {
    const gone = new Promise<void>((resolve, reject) => {
      void (async () => {
        const port = await serve((_request, response) => {
          response.on('close', resolve);
          response.write('first');
        });
        const proxy = await startProxy(kind, { names: { [HOST]: port } });
        const stop = new AbortController();
        const answer = await client.open(get(proxy.at(), { signal: stop.signal }));
        const chunks = answer.chunks[Symbol.asyncIterator]();
        expect(String((await chunks.next()).value)).toBe('first');
        stop.abort();
        await expect(chunks.next()).rejects.toMatchObject({ kind: 'aborted' });
        await proxy.idle();
      })().catch(reject);
    });
    await gone;
  });

  it('keeps its connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const port = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    const proxy = await startProxy(kind, { names: { [HOST]: port } });
    for (let count = 0; count < 3; count++) {
      await (await client.open(get(proxy.at()))).text();
      await new Promise(setImmediate);
    }
    expect(proxy.open()).toBe(1);
    if (kind === 'socks5') expect(proxy.asked).toHaveLength(1);
  });

  it.each(['127.0.0.1', '127.8.9.10', 'localhost', '[::ffff:127.0.0.1]'])('is never asked for %s', async (host) => {
    const proxy = await startProxy(kind, { names: {} });
    const port = await serve((_request, response) => response.end('straight'));
    const answer = await client.open(get(proxy.at(), { url: `http://${host}:${port}/` })).then(
      (response) => response.text(),
      (error: Error) => error.message,
    );
    expect(answer).toMatch(/^(straight|No answer from)/);
    expect(proxy.asked).toEqual([]);
  });

  it('is not passed by where a name is unknown to it', async () => {
    const proxy = await startProxy(kind, { names: {} });
    const error = await client.open(get(proxy.at(), { url: `https://${HOST}/` })).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(`does not lead to ${HOST}:443`);
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('SOCKS5', () => {
  it.each([
    [1, 'it failed (SOCKS 1)'],
    [2, 'its rules do not allow it (SOCKS 2)'],
    [4, 'there is no way to that host, or nobody knows its name (SOCKS 4)'],
    [5, 'nothing listens there (SOCKS 5)'],
  ])('tells refusal %i in words', async (refuse, words) => {
    const proxy = await startProxy('socks5', { names: {}, fail: { refuse } });
    await expect(client.open(get(proxy.at()))).rejects.toThrow(
      `The proxy ${proxy.at()} does not lead to ${HOST}:80: ${words}.`,
    );
  });

  it('refuses a password that is too long for it instead of failing somewhere', async () => {
    const proxy = await startProxy('socks5', { names: {}, user: 'me', password: 'x' });
    await expect(client.open(get(proxy.at(`me:${'x'.repeat(256)}@`)))).rejects.toThrow('no more than 255 bytes');
  });

  it('gets an address where the person gave one', async () => {
    const proxy = await startProxy('socks5', { names: {} });
    await client.open(get(proxy.at(), { url: 'http://192.0.2.1:81/' })).catch(() => {});
    await client.open(get(proxy.at(), { url: 'http://[2001:db8::1]:81/' })).catch(() => {});
    expect(proxy.asked).toEqual([
      { how: 'ipv4', host: '192.0.2.1', port: 81 },
      { how: 'ipv6', host: '2001:0db8:0000:0000:0000:0000:0000:0001', port: 81 },
    ]);
  });
});

it('uses the proxy of each request, and none where there is none', async () => {
  const port = await serve((_request, response) => response.end('ok'));
  const one = await startProxy('socks5', { names: { [HOST]: port } });
  const two = await startProxy('http', { names: { [HOST]: port } });
  for (const proxy of [one.at(), two.at(), one.at()]) await (await client.open(get(proxy))).text();
  await expect(client.open(get(undefined))).rejects.toThrow('No answer from');
  expect([one.asked.length >= 1, two.asked.length]).toEqual([true, 1]);
});

it('does not repeat an address that it cannot read', async () => {
  const error = await client.open(get('socks4://me:secret@host')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'invalid-request' });
  expect(String(error)).not.toContain('secret');
});
