// Which route answers, where several faces share a path, and what is answered without a key.
import { request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type House, KEY, openHouse } from '../../support/house.ts';

let house: House;

beforeEach(async () => {
  house = await openHouse({});
});
afterEach(() => house.close());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(house.url + path, { headers: { authorization: `Bearer ${KEY}`, ...headers } });
  return { names: [...response.headers.keys()], body: (await response.json()) as Record<string, unknown> };
};

it.each(['/v1/models', '/v1/models/', '/v1/models?limit=1', '/v1/models/demo'])(
  'a header tells the dialects of %s apart',
  async (path) => {
    const plain = await get(path);
    const named = await get(path, { 'anthropic-version': '2023-06-01' });
    expect(plain.body).toHaveProperty('object');
    expect(named.body).not.toHaveProperty('object');
    expect([plain, named].map(({ names }) => names.includes('request-id'))).toEqual([false, true]);
  },
);

it('a path that belongs to one face is asked without its header, too', async () => {
  const response = await fetch(`${house.url}/v1/messages/count_tokens/?beta=true`, {
    method: 'POST',
    headers: { 'x-api-key': KEY },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(await response.json()).toEqual({ input_tokens: 5 });
});

it.each(['/v1/messages', '/v1/messages/count_tokens', '/v1/models'])('%s asks for the key', async (path) => {
  const method = path === '/v1/models' ? 'GET' : 'POST';
  const headers = { 'anthropic-version': '2023-06-01' };
  const response = await fetch(house.url + path, { method, headers, ...(method === 'POST' && { body: '{}' }) });
  expect([response.status, response.headers.get('x-should-retry')]).toEqual([401, 'false']);
  expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
});

it('a probe is answered without a key, but to no foreign page', async () => {
  const probe = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve) => {
      request(`${house.url}/api/hello`, { method: 'HEAD', headers }, ({ statusCode }) => resolve(statusCode)).end();
    });
  expect(await probe({})).toBe(200);
  expect(await probe({ host: 'evil.example' })).toBe(403);
  expect(await probe({ origin: 'https://evil.example' })).toBe(403);
});

it.each(['/v1/models', '/v1/models/demo', '/v1beta/models', '/api/tags', '/api/ps'])(
  'HEAD of %s tells what GET would say, without the body',
  async (path) => {
    const headers = { authorization: `Bearer ${KEY}` };
    const [head, whole] = [
      await fetch(house.url + path, { method: 'HEAD', headers }),
      await fetch(house.url + path, { headers }),
    ];
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String((await whole.arrayBuffer()).byteLength));
  },
);
