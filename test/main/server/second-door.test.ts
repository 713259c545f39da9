// The second door beside the main one: what it serves and to whom, how it opens, moves and closes, and who may have its port.
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Settings } from '../../../shared/settings.ts';
import { createFeed } from '../../support/gate.ts';
import { type House, KEY, openHouse } from '../../support/house.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub } from '../../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;

const open = (settings: Partial<Settings>) =>
  openHouse({
    accounts: [{ id: 'stub', values: { baseUrl: stub.url } }],
    settings: { ollamaDoor: true, ollamaPort: 0, ...settings },
    gui: (_request, response) => response.end('the GUI'),
  });

beforeEach(async () => {
  stub = await startOpenAiStub();
  house = await open({});
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const url = () => house.second()?.baseUrl ?? '';
const withKey = { authorization: `Bearer ${KEY}` };
const ask = (base: string, headers: Record<string, string> = {}) =>
  fetch(`${base}/api/chat`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'stub-1', stream: false, messages: [{ role: 'user', content: 'Hi' }] }),
  });
const stream = (base: string) =>
  fetch(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: withKey,
    body: JSON.stringify({ model: 'stub-1', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  });
/** The status of a `GET` with headers that `fetch` would not send. */
const statusOf = (base: string, headers: Record<string, string>, path = '/api/tags') =>
  new Promise<number | undefined>((resolve, reject) => {
    const { port } = new URL(base);
    request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
const reached = (state: string, port?: number) =>
  vi.waitUntil(() => house.second()?.state === state && (port === undefined || house.second()?.port === port));

/** A program on a port of its own; `answers` are the bodies by path. */
async function squat(answers: Readonly<Record<string, string>> | undefined): Promise<number> {
  const squatter: Server = createServer((asked, response) => {
    const body = answers?.[asked.url ?? ''];
    if (answers === undefined) asked.socket.destroy();
    else response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  return (squatter.address() as AddressInfo).port;
}

describe('the second door', () => {
  it('is absent unless it is wanted', async () => {
    const other = await openHouse({});
    expect(other.second()).toBeUndefined();
    await other.close();
  });

  it('serves every dialect and the health, with the same key', async () => {
    expect(await (await ask(url(), withKey)).json()).toMatchObject({ message: { content: 'Hello' }, done: true });
    const models = await fetch(`${url()}/v1/models`, { headers: withKey });
    expect(await models.json()).toMatchObject({ data: [{ id: 'stub-1' }, { id: 'demo' }] });
    expect(await (await fetch(`${url()}/health`)).json()).toEqual({ status: 'ok' });
    expect((await ask(url())).status).toBe(401);
    expect(house.log.find(({ state }) => state === 'ok')?.key).toBe('Test');
  });

  it('answers a browser as Ollama does and has no GUI, while the main door has one', async () => {
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const [here, there] = [url(), house.url].map((base) => fetch(base, { headers: { accept } }));
    expect(await (await here)?.text()).toBe('Ollama is running');
    expect(await (await there)?.text()).toBe('the GUI');
    for (const path of ['/gui/open/x', '/gui/rpc/status/read', '/settings', '/index.html'])
      expect((await fetch(url() + path, { headers: { accept } })).status).toBe(404);
  });

  it('is on loopback whatever the main door listens on, and knows no other Host', async () => {
    await house.close();
    house = await open({ host: '0.0.0.0' });
    expect(house.door.view()).toMatchObject({ state: 'serving', exposed: true });
    expect(house.second()).toMatchObject({ state: 'serving', host: '127.0.0.1', exposed: false });
    expect(await statusOf(house.door.view().baseUrl, { host: '192.168.1.5', ...withKey })).toBe(200);
    expect(await statusOf(url(), { host: '192.168.1.5', ...withKey })).toBe(403);
  });
});

describe('without a key', () => {
  beforeEach(() => house.change({ ollamaRequireKey: false }));

  it('lets in who brings none or a word in its place, says so in the log, and knows a key that it is shown', async () => {
    const keys: Record<string, string>[] = [{}, { authorization: 'Bearer ollama' }, { 'x-api-key': 'wrong' }, withKey];
    for (const headers of keys) expect((await ask(url(), headers)).status).toBe(200);
    const rows = await house.closed(4);
    expect(rows.map(({ key }) => key)).toEqual(['no key needed', 'no key needed', 'no key needed', 'Test']);
  });

  it('the main door wants its key all the same', async () => {
    expect((await ask(house.url)).status).toBe(401);
  });

  it('a foreign page, a foreign name and a hidden load stay out', async () => {
    const host = new URL(url()).host;
    expect(await statusOf(url(), { host })).toBe(200);
    expect(await statusOf(url(), { host: 'evil.example' })).toBe(403);
    expect(await statusOf(url(), { host, origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf(url(), { host, origin: 'null' })).toBe(403);
    expect(await statusOf(url(), { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
  });
});

describe('a port that is taken', () => {
  it.each([
    [
      'Ollama itself',
      { '/': 'Ollama is running', '/api/version': '{"version":"0.13.4"}' },
      'Ollama itself (version 0.13.4)',
    ],
    ['an Ollama that tells no version', { '/': 'Ollama is running' }, 'Ollama itself'],
    ['another Patchbay', { '/': 'Ollama is running', '/health': '{"status":"ok"}' }, 'Another Patchbay'],
    ['another server', { '/': 'Hello' }, 'Another program'],
    ['a program that answers nothing', undefined, 'Another program'],
  ])('by %s is told with a free one, and the main door is open', async (_name, answers, holder) => {
    const port = await squat(answers);
    await house.close();
    house = await open({ ollamaPort: port });
    expect(house.second()).toMatchObject({ state: 'port-taken', problem: `${holder} already uses port ${port}.` });
    expect(house.second()?.freePort).toBeGreaterThan(port);
    expect((await fetch(`${house.url}/health`)).status).toBe(200);
    await house.change({ ollamaPort: house.second()?.freePort ?? 0 });
    await reached('serving');
    expect((await ask(url(), withKey)).status).toBe(200);
  });

  it('by a program that goes over to another protocol is told like any other', async () => {
    const squatter = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write('HTTP/1.1 101 Over\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'));
    });
    squatter.listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    onTestFinished(() => void squatter.close());
    const { port } = squatter.address() as AddressInfo;
    await house.close();
    house = await open({ ollamaPort: port });
    expect(house.second()).toMatchObject({ problem: `Another program already uses port ${port}.` });
  });

  it('is refused while the door is open on another', async () => {
    const port = await squat({ '/': 'Ollama is running' });
    await expect(house.change({ ollamaPort: port })).rejects.toThrow(`Ollama itself already uses port ${port}. Port `);
    expect((await ask(url(), withKey)).status).toBe(200);
  });

  it('by the main door is refused, and found out where a file has both the same', async () => {
    const port = await findFreePort();
    await house.close();
    house = await open({ port });
    await expect(house.change({ ollamaPort: port })).rejects.toThrow(`The two doors cannot share port ${port}.`);
    await house.close();
    house = await open({ port, ollamaPort: port });
    expect(house.door.view()).toMatchObject({ state: 'serving', port });
    expect(house.second()).toMatchObject({
      state: 'port-taken',
      problem: `The main door already uses port ${port}.`,
    });
  });
});

describe('opening and closing', () => {
  it('goes together with the main door, and what runs through either may finish', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ content: 'half' }));
    const response = await stream(url());
    const before = url();
    const stopped = house.door.stop(5_000);
    for (const frame of [chunk({ content: ' whole' }, 'stop'), DONE]) feed.push(frame);
    feed.end();
    expect(await response.text()).toContain(' whole');
    await stopped;
    expect(house.second()?.state).toBe('stopped');
    await expect(fetch(`${before}/health`)).rejects.toThrow();
    await house.door.start('127.0.0.1', 0);
    expect((await fetch(`${url()}/health`)).status).toBe(200);
  });

  it('on its own leaves the streams of the main door alone', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ content: 'half' }));
    const response = await stream(house.url);
    const before = url();
    await house.change({ ollamaDoor: false, drainMs: 0 });
    expect(house.second()).toBeUndefined();
    await vi.waitUntil(() => isClosed(before));
    for (const frame of [chunk({ content: ' whole' }, 'stop'), DONE]) feed.push(frame);
    feed.end();
    expect(await response.text()).toContain(' whole');
  });

  it('ends only its own streams when it moves', async () => {
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: [chunk({ content: 'x' })], after: 'hang' });
    const response = await stream(url());
    const { port } = new URL(url());
    await house.change({ ollamaPort: await findFreePort(), drainMs: 0 });
    await expect(response.text()).rejects.toThrow();
    await reached('serving');
    expect(new URL(url()).port).not.toBe(port);
    expect((await ask(url(), withKey)).status).toBe(200);
    expect((await fetch(`${house.url}/health`)).status).toBe(200);
  });

  it('waits for the main door where that is closed, and several changes at once end as the last one says', async () => {
    await house.door.stop(0);
    const port = await findFreePort();
    await house.change({ ollamaPort: port });
    expect(house.second()).toMatchObject({ state: 'stopped', port, baseUrl: `http://127.0.0.1:${port}` });
    await house.door.start('127.0.0.1', 0);
    expect(house.second()).toMatchObject({ state: 'serving', port });
    await house.change({ ollamaDoor: false });
    await house.change({ ollamaDoor: true });
    await house.change({ ollamaPort: await findFreePort() });
    await house.change({ ollamaDoor: false });
    await house.change({ ollamaDoor: true, ollamaPort: port });
    await reached('serving', port);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });
});

const isClosed = (base: string) =>
  fetch(`${base}/health`).then(
    () => false,
    () => true,
  );

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
