// The upstream client on real sockets: answers, trouble, and ways to leave.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient, type UpstreamRequest } from '../../../main/http/client.ts';

let client: HttpClient;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  client = createHttpClient();
});

afterEach(async () => {
  await client.close();
  for (const close of closers.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (url: string, extra: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'GET',
  url,
  signal: new AbortController().signal,
  proxy: undefined,
  firstByteMs: 5_000,
  idleMs: 5_000,
  ...extra,
});

describe('an answer', () => {
  it('brings status, headers and text', async () => {
    const url = await serve((request, response) => {
      response.writeHead(418, { 'x-seen': request.headers['x-mine'] });
      response.end('Grüße');
    });
    const response = await client.open(get(url, { headers: { 'x-mine': 'yes' } }));
    expect([response.status, response.headers['x-seen'], await response.text()]).toEqual([418, 'yes', 'Grüße']);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('is decoded when it comes compressed anyway: %s', async (encoding, compress) => {
    const url = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(compress('Grüße'));
    });
    expect(await (await client.open(get(url))).text()).toBe('Grüße');
  });

  it('longer than its limit is refused', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(1000)));
    const response = await client.open(get(url));
    await expect(response.text(999)).rejects.toThrow('longer than 999 bytes');
  });

  it('reuses its connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    for (let count = 0; count < 3; count++) {
      await (await client.open(get(url))).text();
      await new Promise(setImmediate); // the pool takes the connection back
    }
    expect(ports.size).toBe(1);
  });
});

describe('trouble is told in words', () => {
  it('when nothing listens', async () => {
    const url = await serve(() => {});
    for (const close of closers.splice(0)) await close();
    await expect(client.open(get(url))).rejects.toMatchObject({
      kind: 'upstream',
      message: expect.stringContaining('connection refused'),
    });
  });

  it('when the first byte does not come in time', async () => {
    const url = await serve(() => {});
    await expect(client.open(get(url, { firstByteMs: 100 }))).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('did not begin to answer'),
    });
  });

  it('when the answer stops in the middle', async () => {
    const url = await serve((_request, response) => response.write('half'));
    const response = await client.open(get(url, { idleMs: 100 }));
    await expect(response.text()).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/ was silent for too long in the middle of its answer\.$/),
    });
  });

  it('when the connection breaks, after what had come', async () => {
    const url = await serve((_request, response) => response.write('half', () => response.destroy()));
    const response = await client.open(get(url));
    let text = '';
    const read = async () => {
      for await (const chunk of response.chunks) text += chunk;
    };
    await expect(read()).rejects.toMatchObject({ kind: 'upstream' });
    expect(text).toBe('half');
  });

  it('when https is asked of a server that has none', async () => {
    const url = await serve((_request, response) => response.end());
    await expect(client.open(get(url.replace('http:', 'https:')))).rejects.toMatchObject({
      message: expect.stringContaining('does not speak TLS'),
    });
  });

  it('when a header cannot be sent', async () => {
    const request = { ...get('http://127.0.0.1:1/'), headers: { authorization: 'Bearer ☃' } };
    await expect(client.open(request)).rejects.toMatchObject({
      kind: 'upstream',
      message: expect.stringContaining('the key or the address holds a character that HTTP cannot carry'),
    });
  });

  it('when the address is none', async () => {
    await expect(async () => client.open(get('not a url'))).rejects.toMatchObject({ kind: 'invalid-request' });
  });
});

describe('an abort', () => {
  it('before the call refuses it', async () => {
    const signal = AbortSignal.abort();
    await expect(client.open(get('http://127.0.0.1:1', { signal }))).rejects.toMatchObject({ kind: 'aborted' });
  });

  it('closes the connection, whether waiting or reading', async () => {
    const closed: Promise<unknown>[] = [];
    const url = await serve((request, response) => {
      closed.push(new Promise((resolve) => response.on('close', resolve)));
      if (request.url === '/read') response.write('half');
      else leave.abort();
    });
    const leave = new AbortController();
    await expect(client.open(get(`${url}/wait`, { signal: leave.signal }))).rejects.toMatchObject({ kind: 'aborted' });
    const second = new AbortController();
    const response = await client.open(get(`${url}/read`, { signal: second.signal }));
    second.abort();
    await expect(response.text()).rejects.toMatchObject({ kind: 'aborted' });
    await Promise.all(closed);
  });

  it('by leaving the body early closes the connection', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const url = await serve((_request, response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.write('half');
    });
    for await (const _ of (await client.open(get(url))).chunks) break;
    await closed;
  });
});
