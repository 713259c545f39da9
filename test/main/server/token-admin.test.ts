// The administration of accounts for programs at the doors: who may come in, by which paths and methods, in which words.
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAdmin, TokenScope } from '../../../main/admin/token-admin.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createTokenDoor } from '../../../main/server/token-admin.ts';
import { type House, KEY, openHouse } from '../../support/house.ts';

const ADMIN_KEY = 'admin-key-0123456789';
const PAGE = 'http://localhost:3000';

let house: House;
/** What was asked of the rooms behind. */
let asked: string[];

const note = (name: string, scope: TokenScope, index?: string) => {
  asked.push([name, JSON.stringify(scope), ...(index === undefined ? [] : [index])].join(' '));
  return { message: `did ${name}` };
};
const admin: TokenAdmin = {
  list: (scope) => note('list', scope),
  stats: (scope) => ({ data: note('stats', scope) }),
  reset: (scope, index) => {
    if (index === '99') throw new GatewayError('invalid-request', 'There is no account number 99.');
    if (scope.account === 'nobody') throw new GatewayError('not-found', 'There is no account "nobody".');
    return note('reset', scope, index);
  },
  resetAll: (scope) => note('resetAll', scope),
  reload: async (scope) => {
    if (scope.provider === 'broken') throw new GatewayError('upstream', 'accounts[0].id: is missing');
    return note('reload', scope);
  },
  failures: (scope) => note('failures', scope),
  resetFailures: (scope) => note('resetFailures', scope),
  updater: (scope) => ({ ...note('updater', scope), status: 'disabled' }),
  forceUpdate: async (scope) => note('forceUpdate', scope),
  cleanUp: () => note('cleanUp', {}),
};
const open = (adminKey: string | undefined) =>
  openHouse({
    settings: { corsOrigins: [PAGE], ollamaDoor: true, ollamaPort: 0, ollamaRequireKey: false },
    gui: (_request, response) => response.end('the GUI'),
    tokens: createTokenDoor({ adminKey, load: async () => admin }),
  });

beforeEach(async () => {
  asked = [];
  house = await open(ADMIN_KEY);
});
afterEach(() => house.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: { status?: string; message?: string; data?: unknown; error?: unknown };
}

/** One request with any headers, those of browsers included. */
function send(method: string, path: string, headers: Record<string, string> = {}, base = house.url) {
  return new Promise<Answer>((resolve, reject) => {
    const { port, host } = new URL(base);
    const options = { host: '127.0.0.1', port, path, method, agent: false, headers: { host, ...headers } };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('close', () => {
        const body = text.startsWith('{') ? JSON.parse(text) : {};
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    })
      .on('error', reject)
      .end();
  });
}
const withKey = { authorization: `Bearer ${ADMIN_KEY}` };

describe('the paths', () => {
  it.each([
    ['GET', '', 'list {}'],
    ['GET', '/', 'list {}'],
    ['GET', '/stats', 'stats {}'],
    ['POST', '/reset/3', 'reset {} 3'],
    ['POST', '/reset?account=a', 'reset {"account":"a"}'],
    ['POST', '/reset-all?provider=p', 'resetAll {"provider":"p"}'],
    ['POST', '/reload', 'reload {}'],
    ['GET', '/consecutive-failures', 'failures {}'],
    ['POST', '/reset-consecutive', 'resetFailures {}'],
    ['GET', '/updater/status', 'updater {}'],
    ['GET', '/updater/force-update', 'forceUpdate {}'],
    ['POST', '/updater/force-update?provider=p', 'forceUpdate {"provider":"p"}'],
    ['POST', '/updater/cleanup-temp', 'cleanUp {}'],
    ['HEAD', '/stats', 'stats {}'],
  ])('%s /admin/tokens%s is answered', async (method, path, call) => {
    const { status } = await send(method, `/admin/tokens${path}`, withKey);
    expect(status).toBe(200);
    expect(asked).toEqual([call]);
  });

  it('answer in one form, with data, a message or a status of their own', async () => {
    const { body, headers } = await send('GET', '/admin/tokens/stats', withKey);
    expect(body).toEqual({ status: 'success', data: { message: 'did stats' } });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': expect.any(String) });
    expect((await send('POST', '/admin/tokens/reload', withKey)).body).toEqual({
      status: 'success',
      message: 'did reload',
    });
    expect((await send('GET', '/admin/tokens/updater/status', withKey)).body.status).toBe('disabled');
  });

  it('are there at the second door as well, which wants no client key but this one', async () => {
    const base = house.second()?.baseUrl;
    expect((await send('GET', '/admin/tokens/stats', withKey, base)).status).toBe(200);
    expect((await send('GET', '/admin/tokens/stats', {}, base)).status).toBe(401);
  });

  it.each([
    ['POST', '/reset/99', 400, 'There is no account number 99.'],
    ['POST', '/reset?account=nobody', 404, 'There is no account "nobody".'],
    ['POST', '/reload?provider=broken', 500, 'accounts[0].id: is missing'],
    ['GET', '/nothing', 404, 'Patchbay has nothing at /admin/tokens/nothing.'],
    ['POST', '/reset/1/2', 404, 'Patchbay has nothing at /admin/tokens/reset/1/2.'],
  ])('%s %s is refused with its true status', async (method, path, status, message) => {
    const answer = await send(method, `/admin/tokens${path}`, withKey);
    expect(answer).toMatchObject({ status, body: { status: 'error', message } });
  });

  it.each([
    ['POST', '/stats', 'GET, HEAD'],
    ['GET', '/reset-all', 'POST'],
    ['DELETE', '/updater/force-update', 'GET, HEAD, POST'],
  ])('%s %s is the wrong method, and the right ones are named', async (method, path, allow) => {
    const answer = await send(method, `/admin/tokens${path}`, withKey);
    expect(answer).toMatchObject({ status: 405, headers: { allow }, body: { status: 'error' } });
    expect(asked).toEqual([]);
  });

  it('leave their neighbours to whoever has them', async () => {
    const { status, body } = await send('GET', '/admin/tokenssss', withKey);
    expect([status, body]).toEqual([200, {}]);
  });
});

describe('who may come in', () => {
  it.each([
    ['no key', {}],
    ['a client key', { authorization: `Bearer ${KEY}` }],
    ['a wrong key', { authorization: 'Bearer admin-key-0123456780' }],
    ['a key that only begins right', { authorization: `Bearer ${ADMIN_KEY}0` }],
    ['the key without its scheme', { authorization: ADMIN_KEY }],
    ['the key where clients have theirs', { 'x-api-key': ADMIN_KEY }],
  ])('%s does not', async (_name, headers) => {
    const answer = await send('POST', '/admin/tokens/reset-all', headers);
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { status: 'error', message: expect.stringContaining('admin key') },
    });
    expect(asked).toEqual([]);
  });

  it('the admin key opens nothing that a client asks for', async () => {
    expect((await send('GET', '/v1/models', withKey)).status).toBe(401);
  });

  it('refused calls are on the log, without what they brought', async () => {
    await send('GET', '/admin/tokens/stats', { authorization: 'Bearer wrong-0123456789', 'user-agent': 'curl/8.0' });
    expect(house.log).toMatchObject([
      { dialect: 'token-admin', client: 'curl 8.0', status: 401, errorKind: 'unauthorized', state: 'failed' },
    ]);
    expect(JSON.stringify(house.log)).not.toContain('wrong-0123456789');
  });

  it('nobody does where there is no key, and is told how to set one', async () => {
    await house.close();
    house = await open(undefined);
    for (const headers of [{}, withKey, { authorization: 'Bearer undefined' }]) {
      const answer = await send('GET', '/admin/tokens/stats', headers);
      expect(answer).toMatchObject({
        status: 403,
        body: { status: 'error', message: expect.stringContaining('"adminKey": "env:NAME"') },
      });
    }
    expect(asked).toEqual([]);
  });

  it.each([
    ['a page of another site', { origin: 'http://evil.example' }],
    ['a page that may use the dialects', { origin: PAGE }],
    ['a page that loads it unseen', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a name that is not ours', { host: 'evil.example' }],
  ])('%s does not, with the key or without', async (_name, headers) => {
    for (const key of [{}, withKey]) {
      const answer = await send('GET', '/admin/tokens/stats', { ...headers, ...key });
      expect(answer).toMatchObject({ status: 403, body: { status: 'error' } });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect(asked).toEqual([]);
  });

  it('a browser that asks beforehand is told no', async () => {
    const answer = await send('OPTIONS', '/admin/tokens/reset-all', {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
