// Every secret of every provider's account, marked and looked for afterwards: in all that the program writes, prints, tells the
// window and answers, while upstreams repeat what they were given and logins are renewed, each behind a proxy with a password.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHttpProxy, startSocksProxy } from '../support/fake-proxies.ts';
import { EMAIL, refuse as refuseK2, startK2Stub } from '../support/k2-stub.ts';
import { refuseAs, startKimiStub } from '../support/kimi-stub.ts';
import { startKiroAuthStub } from '../support/kiro-auth-stub.ts';
import { PROFILE, refuse as refuseKiro, startKiroStub } from '../support/kiro-stub.ts';
import { json, startOpenAiStub, wholeText } from '../support/openai-stub.ts';
import { eventsOf, POE_KEY, refuse as refusePoe, startPoeStub } from '../support/poe-stub.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const ENTRY = resolve(import.meta.dirname, '..', '..', 'out', 'main', 'headless.js');
const WORDS = {
  k2: 'Marked & "quoted" pass/word',
  kimi: 'marked.kimi.key.5521',
  added: 'marked.added.key.8842',
  plain: 'marked.plain.key.7310',
  global: 'marked/global:word',
  own: 'marked?own@word',
  later: 'marked later word',
  client: 'marked.client.key.9981',
};
const ACCOUNTS = ['k2', 'poe', 'kimi', 'kiro', 'plain'] as const;
const MODELS = {
  k2: 'MBZUAI-IFM/K2-Think-v2',
  poe: 'gpt-5.4',
  kimi: 'kimi-k2.6',
  kiro: 'claude-sonnet-4.5',
  plain: 'm',
};

const at = (url: string, name: string) => url.replace(/127\.0\.0\.1:\d+/, `${name}.example`);
const move = (endpoints: object, name: string) =>
  Object.fromEntries(Object.entries(endpoints).map(([key, url]) => [key, at(String(url), name)]));

/** Stubs of all upstreams, by made-up names that only the proxies know. */
async function openUpstreams() {
  const auth = await startKiroAuthStub();
  auth.lifeS = 45;
  const stubs = {
    k2: await startK2Stub(),
    poe: await startPoeStub(),
    kimi: await startKimiStub('platform', WORDS.kimi),
    kiro: await startKiroStub(),
    plain: await startOpenAiStub(),
  };
  stubs.k2.people.set(EMAIL, WORDS.k2);
  stubs.kiro.profileOf = (token) => (auth.isLive(token) ? PROFILE : undefined);
  const port = (url = '') => Number(new URL(url.replace('{region}', 'r')).port);
  const names = {
    'k2.example': port(stubs.k2.endpoints.web),
    'poe.example': port(stubs.poe.endpoints.bot),
    'kimi.example': port(stubs.kimi.url),
    'kiro.example': port(stubs.kiro.endpoints.runtime),
    'auth.example': port(auth.url),
    'plain.example': port(stubs.plain.url),
  };
  const socks = await startSocksProxy({ names, user: 'me', password: WORDS.global });
  const http = await startHttpProxy({ names, user: 'me', password: WORDS.own });
  onTestFinished(async () => {
    for (const one of [...Object.values(stubs), auth, socks, http]) await one.close();
  });
  return { auth, stubs, socks, http, names };
}

type Upstreams = Awaited<ReturnType<typeof openUpstreams>>;

const writeProxy = (scheme: string, port: number, word: string) =>
  `${scheme}://me:${encodeURIComponent(word)}@127.0.0.1:${port}`;

/** The program with an account of each; resolves when it serves. */
async function startProgram({ auth, stubs, socks, http }: Upstreams) {
  const home = makeTempFolder();
  const login = auth.issue({ profileArn: PROFILE });
  const proxy = 'env:OWN_PROXY';
  const { auth: signIn, oidc } = move(auth.endpoints, 'auth');
  const config = {
    port: 0,
    proxy: 'env:PROXY',
    clientKeys: [{ name: 'ide', key: 'env:CLIENT' }],
    accounts: [
      { id: 'k2', provider: 'k2-think', email: EMAIL, password: 'env:K2', endpoints: move(stubs.k2.endpoints, 'k2') },
      { id: 'poe', provider: 'poe', key: 'env:POE', proxy, endpoints: move(stubs.poe.endpoints, 'poe') },
      {
        id: 'kimi',
        provider: 'kimi',
        key: 'env:KIMI',
        region: 'international',
        endpoints: { api: at(stubs.kimi.url, 'kimi') },
      },
      {
        id: 'kiro',
        provider: 'kiro',
        refreshToken: 'env:KIRO',
        proxy,
        endpoints: { ...move(stubs.kiro.endpoints, 'kiro'), auth: signIn, oidc },
      },
      {
        id: 'plain',
        provider: 'openai-compatible',
        key: 'env:PLAIN',
        baseUrl: at(stubs.plain.url, 'plain'),
        models: ['m'],
      },
    ],
  };
  const file = join(home, 'patchbay.json');
  writeFileSync(file, JSON.stringify(config));
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o700 });
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    PATCHBAY_DATA_DIR: data,
    PATCHBAY_LOG: 'debug',
    PATCHBAY_VAULT_KEY: 'marked vault key of the test',
    PROXY: writeProxy('socks5', socks.port, WORDS.global),
    OWN_PROXY: writeProxy('http', http.port, WORDS.own),
    CLIENT: WORDS.client,
    K2: WORDS.k2,
    POE: POE_KEY,
    KIMI: WORDS.kimi,
    KIRO: login.refreshToken,
    PLAIN: WORDS.plain,
  };
  const child = spawn(process.execPath, [ENTRY, '--config', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const ended = new Promise((done) => child.once('close', done));
  onTestFinished(() => void child.kill('SIGKILL'));
  const link = await new Promise<string>((done, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      const [found] = /http:\S+\/gui\/open\/\S+/.exec(printed) ?? [];
      if (found !== undefined) done(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => fail(new Error(printed)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    return printed + readAll(data);
  };
  return { link, stop, login };
}

/** Everything in a folder's files, and their names. */
function readAll(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => `${name}\n${readFileSync(join(parentPath, name), 'latin1')}`).join('\n');
}

/** The calls of the window; all that they answer is kept, and all that it is told. */
async function openWindow(link: string) {
  const { origin } = new URL(link);
  const heard: string[] = [];
  const cookie = (await fetch(link)).headers.get('set-cookie')?.split(';')[0] ?? '';
  const send = (call: string, json?: object, signal?: AbortSignal) =>
    fetch(`${origin}/gui/rpc/${call}`, {
      method: 'POST',
      headers: { cookie, origin, 'content-type': 'application/json' },
      body: JSON.stringify({ json }),
      signal,
    });
  const leave = new AbortController();
  const changes = send('changes', undefined, leave.signal)
    .then(async ({ body }) => {
      for await (const chunk of body ?? []) heard.push(Buffer.from(chunk).toString());
    })
    .catch(() => {});
  return {
    origin,
    heard,
    call: async (call: string, json?: object) => {
      const response = await send(call, json);
      const text = await response.text();
      heard.push(text);
      return { status: response.status, text };
    },
    close: () => {
      leave.abort();
      return changes;
    },
  };
}

/** A text as it is, and as it stands in JSON, in an address, in the header of a login. */
function listForms(secret: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    base64(secret),
    base64(`me:${secret}`),
  ];
}

it('secrets are in nothing that is written, printed, shown or answered', { timeout: 60_000 }, async () => {
  const upstreams = await openUpstreams();
  const { auth, stubs, socks, http } = upstreams;
  const { link, stop, login } = await startProgram(upstreams);
  const window = await openWindow(link);
  const answers: string[] = [];
  const ask = async (account: (typeof ACCOUNTS)[number], stream: boolean) => {
    const response = await fetch(`${window.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${WORDS.client}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: `${account}/${MODELS[account]}`,
        stream,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    });
    const text = await response.text();
    answers.push(JSON.stringify([...response.headers]), text);
    return text;
  };
  const answerPlain = () => stubs.plain.reply(wholeText('Hello'));

  for (const account of ACCOUNTS) {
    if (account === 'plain') answerPlain();
    expect([account, await ask(account, false)]).toEqual([account, expect.stringContaining('Hello')]);
  }
  // A token that is refused while it is repeated is renewed, and so is one that ends soon.
  stubs.k2.reply(({ token }) => refuseK2(401, `The token ${token} has expired.`));
  for (const account of ['k2', 'kiro'] as const) expect(await ask(account, true)).toContain('Hel');
  expect(stubs.k2.signIns()).toHaveLength(2);
  expect(auth.count('refreshToken')).toBeGreaterThan(1);

  // A refusal that is tried again leaves a note.
  const failure = JSON.stringify({ allow_retry: true, text: `No: ${POE_KEY}.` });
  stubs.poe.reply(eventsOf([`event: error\ndata: ${failure}\n\n`]));
  expect(await ask('poe', true)).toContain('Hel');

  const refuseAll = () => {
    stubs.k2.reply(({ token }) => refuseK2(400, `No: ${token}, ${WORDS.k2}.`));
    stubs.poe.reply(refusePoe(400, 'invalid_request_error', `No: ${POE_KEY}, ${encodeURIComponent(POE_KEY)}.`));
    stubs.kimi.reply(refuseAs(400, 'invalid_request_error', `No: ${WORDS.kimi}.`));
    stubs.kiro.reply(({ token }) => refuseKiro(400, `No: ${token}.`));
    stubs.plain.reply(json(400, { error: { message: `No: ${WORDS.plain}, ${WORDS.global}.` } }));
  };
  for (const stream of [false, true]) {
    refuseAll();
    for (const account of ACCOUNTS)
      expect([account, await ask(account, stream)]).toEqual([account, expect.stringContaining('No')]);
  }

  refuseAll();
  for (const id of ACCOUNTS) {
    await window.call('accounts/try', { id, model: MODELS[id] });
    await window.call('accounts/check', { id });
    await window.call('accounts/readQuota', { id });
  }
  const draft = { provider: 'kimi', name: 'Added', method: 'key', models: ['kimi-k2.6'] };
  const proxy = writeProxy('http', http.port, WORDS.later);
  const added = await window.call('accounts/add', {
    ...draft,
    values: { baseUrl: at(stubs.kimi.url, 'kimi'), proxy },
    secrets: { key: WORDS.added },
  });
  expect(added, added.text).toMatchObject({ status: 200 });
  const id = /"id":"([^"]+)"/.exec(added.text)?.[1] ?? '';
  await window.call('accounts/check', { id });
  await window.call('settings/change', { proxy: writeProxy('socks5', socks.port, WORDS.later) });
  await ask('k2', false);
  for (const call of [
    'accounts/list',
    'accounts/providers',
    'settings/read',
    'status/read',
    'status/traffic',
    'keys/list',
  ])
    expect([call, (await window.call(call)).status]).toEqual([call, 200]);
  expect((await window.call('requests/list', { limit: 100 })).text).toContain('[hidden]');
  await window.call('models/list', { refresh: true });
  await window.close();
  const written = await stop();

  const hosts = [...socks.asked, ...http.asked].map(({ host }) => host);
  expect([...new Set(hosts)].sort()).toEqual(Object.keys(upstreams.names).sort());
  const tokens = [
    login.refreshToken,
    ...auth.requests.map(({ body }) => String(body.refreshToken ?? '')),
    ...stubs.kiro.requests.map(({ token }) => token),
    ...stubs.k2.requests.map(({ token }) => token),
  ];
  const secrets = new Set(
    [...Object.values(WORDS), POE_KEY, 'marked vault key of the test', ...tokens].filter(Boolean),
  );
  expect(secrets.size).toBeGreaterThan(13);
  const places = { written, shown: window.heard.join('\n'), answered: answers.join('\n') };
  for (const [place, text] of Object.entries(places)) {
    expect(text.length).toBeGreaterThan(1_000);
    const found = [...secrets].filter((secret) => listForms(secret).some((form) => text.includes(form)));
    expect([place, found]).toEqual([place, []]);
  }
});
