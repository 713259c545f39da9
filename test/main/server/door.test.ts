// The door as a stranger meets it: bad requests of every kind, on a real socket.
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPort } from '../../../main/server/door.ts';
import { createFeed } from '../../support/gate.ts';
import { type House, KEY, openHouse } from '../../support/house.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub } from '../../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;

beforeEach(async () => {
  stub = await startOpenAiStub();
  house = await openHouse({
    accounts: [{ id: 'stub', values: { baseUrl: stub.url } }],
    settings: { bodyLimitBytes: 100_000, keepAliveMs: 100 },
  });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const body = (extra: object = {}) =>
  JSON.stringify({ model: 'stub/stub-1', messages: [{ role: 'user', content: 'Hi' }], ...extra });
const post = (text: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: text,
    signal,
  });
const readError = async (response: Response) =>
  ((await response.json()) as { error: { message: string; param: string | null } }).error;

/** Sends raw bytes and gives everything that comes back; for headers that `fetch` would not send. */
function sendRaw(text: string): Promise<string> {
  const { port } = new URL(house.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let read = '';
    socket.on('data', (chunk) => {
      read += chunk;
    });
    socket.on('close', () => resolve(read));
    socket.on('error', reject);
  });
}

describe('a bad request', () => {
  it.each([
    ['broken JSON', '{"model":', 400, 'not valid JSON'],
    ['no body', '', 400, 'has no body'],
    ['a list', '[]', 400, 'The body must be an object'],
    ['no model', '{"messages":[]}', 400, 'model must name a model'],
    ['no messages', '{"model":"x"}', 400, 'messages must be a list'],
    ['an empty conversation', '{"model":"x","messages":[]}', 400, 'at least one message'],
    ['an unknown role', '{"model":"x","messages":[{"role":"king","content":""}]}', 400, 'messages[0].role must be'],
    [
      'an unknown part',
      '{"model":"x","messages":[{"role":"user","content":[{"type":"smell"}]}]}',
      400,
      'messages[0].content[0].type',
    ],
    [
      'a limit in words',
      '{"model":"x","max_tokens":"5","messages":[{"role":"user","content":"x"}]}',
      400,
      'max_tokens must',
    ],
    ['two choices', '{"model":"x","n":2,"messages":[{"role":"user","content":"x"}]}', 400, 'n can only be 1'],
  ])("is answered in the client's shape: %s", async (_name, text, status, words) => {
    const response = await post(text);
    expect(response.status).toBe(status);
    expect((await readError(response)).message).toContain(words);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'failed', status, errorKind: 'invalid-request' });
  });

  it('that is too large is refused by its length, and by its size when it hides it', async () => {
    const large = body({ user: 'x'.repeat(200_000) });
    expect((await post(large)).status).toBe(413);
    const packed = await post(gzipSync(large) as Uint8Array<ArrayBuffer>, { 'content-encoding': 'gzip' });
    expect(packed.status).toBe(413);
    expect((await readError(packed)).message).toContain('larger than 98 KB');
  });

  it('that is far too large still gets to read why', async () => {
    const response = await post('x'.repeat(20_000_000));
    expect(response.status).toBe(413);
    await response.text();
  });

  it('that is far too large is not cut off while it is still being sent', async () => {
    const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
    const size = 10_000_000;
    const head = `Host: 127.0.0.1\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: ${size}\r\n\r\n`;
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${head}`);
    const answer = String((await once(socket, 'data'))[0]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('larger than 98 KB');
    for (let sent = 0; sent < 10; sent++) await new Promise((taken) => socket.write(Buffer.alloc(size / 10), taken));
    await once(socket, 'end');
    socket.destroy();
  });

  it('without a key, or with a wrong one, is refused and the upstream is not asked', async () => {
    for (const authorization of ['', 'Bearer wrong']) {
      const response = await post(body(), { authorization });
      expect(response.status).toBe(401);
      expect((await readError(response)).message).toMatch(/client key/);
    }
    expect(stub.requests).toEqual([]);
    // One a second is enough to find out why; a flood must not drive other requests out of the log.
    const rows = await house.closed(1);
    expect(rows).toMatchObject([{ state: 'failed', status: 401, errorKind: 'unauthorized', modelAsked: '' }]);
  });

  it('for a path that nobody has is on the log, and does not hide that another client has a wrong key', async () => {
    const headers = { authorization: `Bearer ${KEY}`, 'user-agent': 'curl/8.1' };
    expect((await fetch(`${house.url}/v1/v1/chat/completions`, { method: 'POST', headers })).status).toBe(404);
    await post(body(), { authorization: 'Bearer wrong', 'user-agent': 'opencode/1.2' });
    await post(body(), { authorization: 'Bearer wrong', 'user-agent': 'opencode/1.2' });
    expect(await house.closed(2)).toMatchObject([
      { client: 'curl 8.1', status: 404, errorText: expect.stringContaining('/v1/v1/chat/completions') },
      { client: 'opencode 1.2', status: 401 },
    ]);
    expect(house.log).toHaveLength(2);
  });

  it('from a foreign page or for a foreign name is refused', async () => {
    expect((await post(body(), { origin: 'https://evil.example' })).status).toBe(403);
    const rebound = await sendRaw('GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(rebound).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('to a path that is not there says so', async () => {
    const response = await fetch(`${house.url}/v2/nothing`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.status).toBe(404);
    expect((await readError(response)).message).toContain('nothing at GET /v2/nothing');
  });

  it('for a model whose name is badly encoded says that there is none', async () => {
    const response = await fetch(`${house.url}/v1/models/%zz`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.status).toBe(404);
    expect((await readError(response)).message).toContain('No account offers the model "%zz".');
  });

  it.each([600, 20_000])('that is nested in %i levels is the fault of the client, in every dialect', async (levels) => {
    const deep = '['.repeat(levels) + ']'.repeat(levels);
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const bodies = {
      '/v1/chat/completions': `{"model":"m","messages":[],"extra":${deep}}`,
      '/v1/responses': `{"model":"m","input":[{"type":"odd","extra":${deep}}]}`,
      '/v1/responses/input_tokens': `{"input":[{"type":"odd","extra":${deep}}]}`,
      '/v1/embeddings': `{"model":"m","input":"x","extra":${deep}}`,
      '/v1/messages': `{"model":"m","messages":[{"role":"user","content":[{"type":"odd","extra":${deep}}]}]}`,
      '/api/show': `{"model":"m","extra":${deep}}`,
      '/v1beta/models/m:generateContent': `{"contents":[],"extra":${deep}}`,
    };
    for (const [path, body] of Object.entries(bodies)) {
      const response = await fetch(house.url + path, { method: 'POST', headers, body });
      expect([path, response.status]).toEqual([path, 400]);
      expect(await response.text()).toContain('nested too deeply');
    }
  });
});

it("a client's path that is not there is answered in the client's shape where there is a GUI, too", async () => {
  const other = await openHouse({ gui: (_request, response) => response.end('the GUI') });
  const answers = await Promise.all(['/v1/responses', '/settings'].map((path) => fetch(`${other.url}${path}`)));
  expect(await readError(answers[0] as Response)).toMatchObject({
    message: 'Patchbay has nothing at GET /v1/responses.',
  });
  expect(await answers[1]?.text()).toBe('the GUI');
  await other.close();
});

describe('a good request', () => {
  it('may be compressed', async () => {
    const response = await post(gzipSync(body()) as Uint8Array<ArrayBuffer>, { 'content-encoding': 'gzip' });
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello' } }] });
  });

  it.each(['/v1/models', '/v1/models/', '/v1/models?', '/models'])('finds the models at %s', async (path) => {
    const response = await fetch(house.url + path, { headers: { 'x-api-key': KEY } });
    expect(await response.json()).toMatchObject({ object: 'list', data: [{ id: 'stub-1' }, { id: 'demo' }] });
  });

  it.each(['stub-1', 'stub-1/', 'stub/stub-1', 'stub%2Fstub-1', 'openai-compatible/stub-1'])(
    'finds a model by each name that it is served under: %s',
    async (name) => {
      const response = await fetch(`${house.url}/v1/models/${name}`, { headers: { authorization: `Bearer ${KEY}` } });
      expect(await response.json()).toMatchObject({ id: decodeURIComponent(name).replace(/\/$/, ''), object: 'model' });
    },
  );

  it('of a model that nobody has, or whose name is wrongly encoded, finds none', async () => {
    for (const name of ['none', '%ZZ']) {
      const response = await fetch(`${house.url}/v1/models/${name}`, { headers: { authorization: `Bearer ${KEY}` } });
      expect(response.status).toBe(404);
      expect((await readError(response)).message).toContain(`No account offers the model "${name}".`);
    }
  });

  it('of the health needs no key', async () => {
    expect(await (await fetch(`${house.url}/health`)).json()).toEqual({ status: 'ok' });
  });
});

describe('a stream', () => {
  it('gets comments while the upstream is silent', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    const response = await post(body({ stream: true }));
    let text = '';
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece);
      if (text === ': keep-alive\n\n') for (const frame of [chunk({ content: 'late' }, 'stop'), DONE]) feed.push(frame);
      if (text.includes('late')) feed.end();
    }
    expect(text).toMatch(/^(: keep-alive\n\n)+data: /);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('that breaks after a comment ends in an error frame and a cut, never as if complete', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed, after: 'cut' });
    const response = await post(body({ stream: true }));
    let text = '';
    const read = async () => {
      for await (const piece of response.body ?? []) {
        text += Buffer.from(piece);
        feed.end();
      }
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(text).toMatch(
      /data: \{"error":\{"message":"stub: The upstream closed the connection in the middle of its answer\./,
    );
  });

  it('that waits behind another on its connection ends with the connection too', async () => {
    const frames = { headers: { 'content-type': 'text/event-stream' }, pieces: [chunk({ content: 'x' })] };
    for (let count = 0; count < 3; count++) stub.reply({ ...frames, after: 'hang' });
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${KEY}\r\n`;
    const ask = (text: string) => `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
    const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
    socket.write(ask(body({ stream: true })) + ask(body({ stream: true })) + ask(body()));
    await vi.waitUntil(() => stub.requests.length === 3);
    socket.destroy();
    await Promise.all(stub.requests.map(({ hungUp }) => hungUp));
    expect((await house.closed(3)).map(({ state }) => state)).toEqual(['aborted', 'aborted', 'aborted']);
  });

  it('holds the upstream back when the client does not read', async () => {
    let sent = 0;
    const large = chunk({ content: 'x'.repeat(60_000) });
    function* pieces() {
      for (; sent < 2000; sent++) yield large;
    }
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: pieces() });
    const response = await post(body({ stream: true }));
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).toBeLessThan(1000);
    await response.body?.cancel();
  });
});

describe('a stop', () => {
  it('lets a running stream finish', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ content: 'half' }));
    const response = await post(body({ stream: true }));
    const stopped = house.door.stop(5_000);
    for (const frame of [chunk({ content: ' whole' }, 'stop'), DONE]) feed.push(frame);
    feed.end();
    expect(await response.text()).toContain(' whole');
    await stopped;
    expect(house.door.view().state).toBe('stopped');
  });

  it('ends a stream that takes too long, and tells its client why', async () => {
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [chunk({ content: 'half' })],
      after: 'hang',
    });
    const response = await post(body({ stream: true }));
    const reader = response.body?.getReader();
    let text = Buffer.from((await reader?.read())?.value ?? []).toString();
    const stopped = house.door.stop(50);
    text += Buffer.from((await reader?.read())?.value ?? []);
    expect(text).toContain('Patchbay is stopping.');
    await stopped;
  });

  it('frees the port, and a taken port is told with a free one', async () => {
    const taken = Number(new URL(house.url).port);
    const other = await openHouse({});
    await other.door.stop(0);
    await other.door.start('127.0.0.1', taken);
    expect(other.door.view()).toMatchObject({
      state: 'port-taken',
      problem: `Another program already uses port ${taken}.`,
    });
    expect(other.door.view().freePort).toBeGreaterThan(taken);
    await expect(checkPort('127.0.0.1', taken)).rejects.toThrow(`Another program already uses port ${taken}. Port `);
    await house.door.stop(0);
    await other.door.start('127.0.0.1', taken);
    expect(other.door.view().state).toBe('serving');
    await other.close();
  });

  it('to an address that this machine does not have is refused before the door closes', async () => {
    await expect(house.change({ host: '192.0.2.1' })).rejects.toThrow('This machine has no address 192.0.2.1.');
    expect((await fetch(`${house.url}/health`)).status).toBe(200);
  });

  it('in the middle of a start closes what the start has opened', async () => {
    await house.door.stop(0);
    await Promise.all([house.door.start('127.0.0.1', 0), house.door.stop(0)]);
    const { state, baseUrl } = house.door.view();
    expect(state).toBe('stopped');
    await expect(fetch(`${baseUrl}/health`)).rejects.toThrow();
  });

  it('and a start, twice at once, end with an open door that says so', async () => {
    const move = async () => {
      await house.door.stop(0);
      await house.door.start('127.0.0.1', 0);
    };
    await Promise.all([move(), move()]);
    const { state, baseUrl } = house.door.view();
    expect(state).toBe('serving');
    expect((await fetch(`${baseUrl}/health`)).status).toBe(200);
  });
});

it.runIf(process.platform === 'linux')('the base URL names the loopback address that the door listens on', async () => {
  await house.door.stop(0);
  await house.door.start('127.0.0.2', 0);
  const { baseUrl, exposed } = house.door.view();
  expect((await fetch(`${baseUrl}/health`)).status).toBe(200);
  expect(exposed).toBe(false);
});
