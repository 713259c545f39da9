// Web pages of other sites: what an allowed origin may do on each path and what a browser is told of it; and that the
// others, and the GUI, stay as closed to pages as they were.
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../../support/gate.ts';
import { type House, KEY, openHouse } from '../../support/house.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub } from '../../support/openai-stub.ts';

const PAGE = 'http://localhost:3000';
const withKey = { authorization: `Bearer ${KEY}` };

let stub: OpenAiStub;
let house: House;
let guiVisits: string[];

beforeEach(async () => {
  guiVisits = [];
  stub = await startOpenAiStub();
  house = await openHouse({
    accounts: [{ id: 'stub', values: { baseUrl: stub.url } }],
    settings: { corsOrigins: [PAGE, 'app://obsidian.md'], ollamaDoor: true, ollamaPort: 0 },
    gui: (asked, response) => {
      guiVisits.push(`${asked.method} ${asked.url}`);
      response.end('the GUI');
    },
  });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** One request as a browser sends it for a page; `fetch` would not send these headers. */
function send(path: string, options: { method?: string; headers?: object; body?: string; base?: string }) {
  const { method = 'GET', headers = {}, body, base = house.url } = options;
  return new Promise<Answer>((resolve, reject) => {
    const { port, host } = new URL(base);
    const sent = request(
      { host: '127.0.0.1', port, path, method, agent: false, headers: { host, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('close', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const fromPage = (headers: object = {}, origin = PAGE) => ({
  origin,
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'cors',
  ...headers,
});
const chat = (extra: object = {}) =>
  JSON.stringify({ model: 'stub-1', messages: [{ role: 'user', content: 'Hi' }], ...extra });
const listCorsHeaders = ({ headers }: Answer) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));
const READABLE = {
  'access-control-allow-origin': PAGE,
  vary: 'Origin',
  'access-control-expose-headers': expect.stringMatching(/^x-request-id, request-id, retry-after,/),
};

describe('a page of an allowed origin', () => {
  it('is told beforehand that it may, without a key', async () => {
    const answer = await send('/v1/chat/completions', {
      method: 'OPTIONS',
      headers: fromPage({
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
        'access-control-request-private-network': 'true',
      }),
    });
    expect(answer).toMatchObject({
      status: 204,
      text: '',
      headers: {
        ...READABLE,
        'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
        'access-control-allow-headers': 'authorization,content-type,x-stainless-lang',
        'access-control-allow-private-network': 'true',
        'access-control-max-age': '7200',
      },
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(house.log).toEqual([]);
  });

  it.each([
    ['POST', '/v1/messages'],
    ['POST', '/api/chat'],
    ['GET', '/v1/models/stub-1'],
    ['GET', '/health'],
    ['GET', '/'],
    ['POST', '/v1/not-there'],
  ])('is told so for %s %s', async (wanted, path) => {
    const headers = fromPage({ 'access-control-request-method': wanted });
    const answer = await send(path, { method: 'OPTIONS', headers });
    expect(answer).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': PAGE } });
    expect(listCorsHeaders(answer)).not.toContain('access-control-allow-private-network');
  });

  it('reads whole answers, with our id of the request', async () => {
    const headers = fromPage(withKey);
    const answer = await send('/v1/chat/completions', { method: 'POST', headers, body: chat() });
    expect(answer).toMatchObject({ status: 200, headers: READABLE });
    expect(JSON.parse(answer.text)).toMatchObject({ choices: [{ message: { content: 'Hello' } }] });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reads streams as they come', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    for (const frame of [chunk({ content: 'live' }, 'stop'), DONE]) feed.push(frame);
    feed.end();
    const headers = fromPage(withKey);
    const answer = await send('/v1/chat/completions', { method: 'POST', headers, body: chat({ stream: true }) });
    expect(answer).toMatchObject({
      status: 200,
      headers: { ...READABLE, 'content-type': expect.stringMatching(/^text\/event-stream/) },
    });
    expect(answer.text).toMatch(/"live".*\n\ndata: \[DONE\]\n\n$/s);
  });

  it.each([
    ['its missing key', '/v1/chat/completions', {}, chat(), 401],
    ['a wrong key', '/v1/messages', { 'x-api-key': 'wrong' }, chat(), 401],
    ['a bad body', '/api/chat', withKey, '{', 400],
    ['an unknown model', '/v1/chat/completions', withKey, chat({ model: 'none' }), 404],
    ['a path that is not there', '/v1/not-there', withKey, '{}', 404],
  ])('reads the refusal of %s', async (_name, path, headers, body, status) => {
    const answer = await send(path, { method: 'POST', headers: fromPage(headers), body });
    expect(answer).toMatchObject({ status, headers: READABLE });
    expect(JSON.parse(answer.text)).toHaveProperty('error');
  });

  it('reads how long an upstream asks to wait', async () => {
    stub.reply({ status: 429, headers: { 'retry-after': '7' }, pieces: ['{"error":{"message":"slow down"}}'] });
    const answer = await send('/v1/chat/completions', { method: 'POST', headers: fromPage(withKey), body: chat() });
    expect(answer).toMatchObject({ status: 429, headers: { ...READABLE, 'retry-after': '7' } });
    expect(answer.headers['access-control-expose-headers']).toContain('retry-after');
  });

  it('may be one of an application with a scheme of its own, and may use the second door too', async () => {
    const headers = fromPage(withKey, 'app://obsidian.md');
    const answer = await send('/api/tags', { headers, base: house.second()?.baseUrl ?? '' });
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': 'app://obsidian.md' } });
  });

  it.each([
    ['GET', '/gui/open/link'],
    ['POST', '/gui/rpc/settings/read'],
    ['OPTIONS', '/gui/rpc/settings/read'],
    ['GET', '/settings'],
    ['GET', '/index.html'],
    ['HEAD', '/gui/'],
  ])('never reaches the GUI: %s %s', async (method, path) => {
    const headers = fromPage({ ...withKey, 'access-control-request-method': 'POST' });
    const answer = await send(path, { method, headers });
    expect(answer.status).toBe(403);
    expect(listCorsHeaders(answer)).toEqual([]);
    expect(guiVisits).toEqual([]);
  });

  it('never gets the page of the GUI in place of an answer', async () => {
    const answer = await send('/', { headers: fromPage({ accept: 'text/html' }) });
    expect(answer.status).toBe(403);
    expect(guiVisits).toEqual([]);
  });

  it('is a stranger again as soon as it is taken off the list', async () => {
    await house.change({ corsOrigins: [] });
    const answer = await send('/v1/models', { headers: fromPage(withKey) });
    expect(answer.status).toBe(403);
    expect(listCorsHeaders(answer)).toEqual([]);
  });
});

describe('any other page', () => {
  it.each([
    'https://evil.example',
    'http://localhost:3001',
    'https://localhost:3000',
    'http://localhost:3000.evil.example',
    'http://sub.localhost:3000',
    'null',
    '',
  ])('is refused without a word for its browser: %s', async (origin) => {
    for (const method of ['OPTIONS', 'GET']) {
      const headers = fromPage({ ...withKey, 'access-control-request-method': 'GET' }, origin);
      const answer = await send('/v1/models', { method, headers });
      expect(answer.status).toBe(403);
      expect(listCorsHeaders(answer)).toEqual([]);
    }
  });

  it('cannot hide: a load without an origin is refused, and so is a foreign name', async () => {
    const hidden = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await send('/v1/models', { headers: { ...hidden, ...withKey } })).status).toBe(403);
    const rebound = fromPage({ ...withKey, host: 'evil.example' });
    expect((await send('/v1/models', { headers: rebound })).status).toBe(403);
  });
});

it('who is no page is told nothing of origins', async () => {
  const answer = await send('/v1/models', { headers: withKey });
  expect(answer.status).toBe(200);
  expect(listCorsHeaders(answer)).toEqual([]);
  expect(answer.headers).not.toHaveProperty('vary');
});
