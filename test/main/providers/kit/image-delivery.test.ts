// Fetching a picture that came as a URL: what is fetched, from whom, and how much of it.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createImageDelivery } from '../../../../main/providers/kit/image-delivery.ts';
import { startHttpProxy } from '../../../support/fake-proxies.ts';
import { type OpenAiStub, type StubAnswer, startOpenAiStub } from '../../../support/openai-stub.ts';

const PNG = 'iVBORw0KGgoAAAA=';
const AS_PNG = { 'content-type': 'image/png' };
const ACCOUNT = {
  ...{ id: 'a', provider: 'p', name: 'A', method: 'key', values: {}, env: {}, endpoints: {}, models: [] },
  source: 'file' as const,
};
const limits = () => ({ firstByteMs: 5_000, idleMs: 5_000 });

let stub: OpenAiStub;
let http: HttpClient;

beforeEach(async () => {
  stub = await startOpenAiStub();
  http = createHttpClient();
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

/** What the client gets, and the notes, where bytes are wanted and `url` came. */
async function deliver(
  url: string,
  options: { baseUrl?: string; bounds?: object; signal?: AbortSignal; proxy?: string } = {},
) {
  const notes: string[] = [];
  const { source } = await createImageDelivery({ http, limits }, options.bounds)(
    { source: { type: 'url', url } },
    'base64',
    options.baseUrl ?? stub.url,
    {
      requestId: 'r1',
      signal: options.signal ?? new AbortController().signal,
      note: (text) => notes.push(text),
      credential: { account: ACCOUNT, secrets: {}, ...(options.proxy === undefined ? {} : { proxy: options.proxy }) },
    },
  );
  return { source, notes: notes.join() };
}

const bytes = (answer: StubAnswer = {}): StubAnswer => ({
  headers: AS_PNG,
  pieces: [Buffer.from(PNG, 'base64')],
  ...answer,
});

it('takes a picture, and one that is in its URL', async () => {
  stub.reply(bytes());
  expect((await deliver(`${stub.url}/cat`)).source).toEqual({ type: 'base64', data: PNG });
  expect((await deliver(`data:image/png;base64,${PNG}`)).source).toEqual({ type: 'base64', data: PNG });
  expect(stub.requests).toHaveLength(1);
});

it.each([
  ['an address of another kind', 'file:///etc/passwd', 'neither http nor https'],
  ['no address', 'cat.png', 'neither http nor https'],
])('fetches nothing from %s', async (_name, url, words) => {
  const { source, notes } = await deliver(url);
  expect(source).toEqual({ type: 'url', url });
  expect(notes).toContain(words);
});

it.each(['127.0.0.1', 'localhost', '[::1]', '10.1.2.3', '169.254.169.254', '192.168.1.1', '172.20.0.1', 'nas.local'])(
  'lets no service of the world have anything of this network fetched: %s',
  async (host) => {
    const url = `http://${host}:${new URL(stub.url).port}/cat`;
    const { source, notes } = await deliver(url, { baseUrl: 'https://api.example.com/v1' });
    expect(source).toEqual({ type: 'url', url });
    expect(notes).toContain('in this network, and the upstream is not');
    expect(stub.requests).toEqual([]);
  },
);

it('lets no name of the world lead into this network', async () => {
  const resolve = async () => ['93.184.216.34', '127.0.0.1'];
  const url = `http://pictures.example.com:${new URL(stub.url).port}/cat`;
  const { source, notes } = await deliver(url, { baseUrl: 'https://api.example.com/v1', bounds: { resolve } });
  expect(source).toEqual({ type: 'url', url });
  expect(notes).toContain('in this network, and the upstream is not');
  expect(stub.requests).toEqual([]);
});

it.each([
  ['is too large', bytes({ pieces: [Buffer.alloc(60), Buffer.alloc(60)] }), 'larger than 100 bytes'],
  ['is a page', bytes({ headers: { 'content-type': 'text/html' } }), 'it is text/html'],
  ['is somewhere else', bytes({ status: 302, headers: { ...AS_PNG, location: '/dog' } }), 'HTTP 302'],
  ['breaks off', bytes({ after: 'cut' }), 'in the middle of its answer'],
  ['takes too long', bytes({ after: 'hang' }), 'it took longer than 0.05 seconds'],
])('hands the URL on where the picture %s', async (_name, answer, words) => {
  stub.reply(answer);
  const url = `${stub.url}/cat`;
  const { source, notes } = await deliver(url, { bounds: { limitBytes: 100, timeMs: 50 } });
  expect(source).toEqual({ type: 'url', url });
  expect(notes).toContain(words);
});

it('stops when the client has gone', async () => {
  stub.reply(bytes({ after: 'hang' }));
  const leaving = new AbortController();
  const delivered = expect(deliver(`${stub.url}/cat`, { signal: leaving.signal })).rejects.toThrow('hung up');
  await expect.poll(() => stub.requests.length).toBe(1);
  leaving.abort();
  await delivered;
  await stub.requests[0]?.hungUp;
});

it('goes through the proxy, which looks the name up in place of this machine', async () => {
  const proxy = await startHttpProxy({ names: {} });
  const looked: string[] = [];
  const resolve = async (name: string) => {
    looked.push(name);
    return [];
  };
  const options = { baseUrl: 'https://api.example.com/v1', bounds: { resolve } };
  await deliver('http://pictures.example/a.png', { ...options, proxy: `http://127.0.0.1:${proxy.port}` });
  await proxy.close();
  expect(proxy.asked).toEqual([{ how: 'GET', host: 'pictures.example', port: 80 }]);
  expect(looked).toEqual([]);
});
