// The GUI over HTTP as a browser, a stranger and another site meet it. The handlers are small; session, headers, calls and
// streams are the real ones.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventIterator, os } from '@orpc/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createAdminApp } from '../../../main/server/admin-routes.ts';
import { createSessions } from '../../../main/server/sessions.ts';

const sessions = createSessions();
let folder: string;
let server: Server;
let base: string;
let streamEnded: Promise<void>;

const router = {
  greet: os.input(z.object({ name: z.string() })).handler(({ input }) => `hello ${input.name}`),
  count: os.output(eventIterator(z.number())).handler(async function* ({ signal }) {
    let end = () => {};
    streamEnded = new Promise((resolve) => {
      end = resolve;
    });
    signal?.addEventListener('abort', () => end());
    yield 1;
    yield 2;
    await streamEnded;
  }),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-gui-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<title>the GUI</title>');
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'export {};');
  server = createServer(createAdminApp({ router, guiFolder: folder, sessions }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function openSession(): Promise<string> {
  const response = await fetch(`${base}/gui/open/${sessions.createLink()}`);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

function call(path: string, headers: Record<string, string>, input?: unknown) {
  const body = JSON.stringify({ json: input });
  return fetch(`${base}/gui/rpc/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

test('a link sets a cookie that scripts cannot read and other sites cannot send, and leads to the GUI', async () => {
  const response = await fetch(`${base}/gui/open/${sessions.createLink()}`);
  expect(response.headers.get('set-cookie')).toMatch(
    /^patchbay_session_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(response.headers.get('refresh')).toBe('0; url=/');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a spent link gets a page that says how to get another', async () => {
  const link = sessions.createLink();
  await fetch(`${base}/gui/open/${link}`);
  const response = await fetch(`${base}/gui/open/${link}`);
  expect(response.status).toBe(401);
  expect(response.headers.get('set-cookie')).toBeNull();
  expect(await response.text()).toContain('This link no longer opens');
});

test('without a session there is a page at the root and nothing elsewhere', async () => {
  const root = await fetch(`${base}/`);
  expect(root.status).toBe(401);
  expect(await root.text()).toContain('This Patchbay is locked');
  expect((await fetch(`${base}/assets/app-1a2b.js`)).status).toBe(404);
  expect((await call('greet', { origin: base }, { name: 'x' })).status).toBe(401);
});

test('with a session the page comes uncached and its built files to be kept, both under the policy', async () => {
  const cookie = await openSession();
  const page = await fetch(`${base}/`, { headers: { cookie } });
  expect(await page.text()).toContain('the GUI');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
  const script = await fetch(`${base}/assets/app-1a2b.js`, { headers: { cookie } });
  expect(script.headers.get('cache-control')).toContain('immutable');
  expect(script.headers.get('x-content-type-options')).toBe('nosniff');
});

test('nothing outside of the GUI folder is served', async () => {
  const cookie = await openSession();
  for (const path of ['/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/', '/%']) {
    expect([400, 403, 404]).toContain((await fetch(base + path, { headers: { cookie } })).status);
  }
});

test('a call of the own page is answered', async () => {
  const response = await call('greet', { cookie: await openSession(), origin: base }, { name: 'you' });
  expect(await response.json()).toEqual({ json: 'hello you' });
});

test('a call from another site, or from nowhere, is refused although the session is good', async () => {
  const cookie = await openSession();
  const origins: Record<string, string>[] = [{ origin: 'http://evil.example' }, { origin: 'null' }, {}];
  for (const origin of origins) expect((await call('greet', { cookie, ...origin }, { name: 'x' })).status).toBe(403);
});

test('a cookie of the same name that another program of this host has set does not lock its owner out', async () => {
  const cookie = await openSession();
  const tossed = `${cookie.split('=')[0]}=tossed; ${cookie}`;
  expect((await call('greet', { cookie: tossed, origin: base }, { name: 'x' })).status).toBe(200);
});

test('a client with a wrong base URL reads which path it asked for', async () => {
  const response = await fetch(`${base}/v1/v1/chat/completions`, { method: 'POST' });
  expect(await response.json()).toEqual({
    error: { message: 'Patchbay has nothing at POST /v1/v1/chat/completions.' },
  });
});

test('a client key opens nothing', async () => {
  const key = { authorization: 'Bearer pb-1234', 'x-api-key': 'pb-1234' };
  expect((await call('greet', { origin: base, ...key }, { name: 'x' })).status).toBe(401);
});

test('calls that do not exist, bad input and too much of it are refused', async () => {
  const headers = { cookie: await openSession(), origin: base };
  expect((await call('nothing', headers)).status).toBe(404);
  expect((await call('greet', headers, { name: 1 })).status).toBe(400);
  expect((await call('greet', headers, { name: 'x'.repeat(2 * 1024 ** 2) })).status).toBe(413);
});

test('a stream arrives as it is made and ends with its reader', async () => {
  const stop = new AbortController();
  const response = await fetch(`${base}/gui/rpc/count`, {
    method: 'POST',
    headers: { cookie: await openSession(), origin: base },
    signal: stop.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('{"json":2}')) break;
  }
  stop.abort();
  await streamEnded;
  expect(text).toContain('data: {"json":1}');
});
