// Configuration as code: what the file may say, and that each mistake is named by its place.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfigProvider } from '../../../main/config/config-checks.ts';
import { readConfigFile, readEnvironment } from '../../../main/config/config-file.ts';
import { listStrangers } from '../../../main/config/config-routing.ts';
import { DEFAULT_ROUTING, Routing } from '../../../shared/routing.ts';
import type { Field } from '../../../shared/views.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const field = (name: string, kind: Field['kind'], required = false, options?: Field['options']): Field => ({
  name,
  label: name,
  kind,
  required,
  options,
});
const PROVIDERS: readonly ConfigProvider[] = [
  {
    id: 'openai-compatible',
    signIn: [{ id: 'key', label: 'Key', fields: [field('baseUrl', 'url', true), field('key', 'secret')] }],
    fields: [field('flavour', 'choice', false, [{ value: 'plain', label: 'Plain' }])],
  },
  {
    id: 'claude-code',
    signIn: [
      { id: 'login', label: 'Login', fields: [] },
      { id: 'api-key', label: 'API key', fields: [field('key', 'secret', true)] },
    ],
    fields: [field('cliPath', 'path')],
    endpoints: ['api'],
    takesEnv: true,
  },
];
const ENVIRONMENT = { IDE_KEY: 'ide-key-value', STUB_KEY: 'stub-key-value', ANTHROPIC_API_KEY: 'anthropic-value' };

function read(content: unknown, environment: Record<string, string> = {}, folder = makeTempFolder()) {
  const path = join(folder, 'patchbay.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readConfigFile(path, { ...ENVIRONMENT, ...environment }, PROVIDERS);
}

/** The lines of the error, without its title. */
function readFaults(content: unknown): string[] {
  try {
    read(content);
    return [];
  } catch (error) {
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => line.trim());
  }
}

const STUB = { id: 'stub', provider: 'openai-compatible', baseUrl: 'http://127.0.0.1:9000/v1' };

test('the documented example is understood', () => {
  const config = read({
    host: '127.0.0.1',
    port: 7282,
    clientKeys: [{ name: 'ide', key: 'env:IDE_KEY' }],
    accounts: [
      { ...STUB, name: 'Stub', key: 'env:STUB_KEY', models: ['extra'] },
      {
        id: 'cc',
        provider: 'claude-code',
        cliPath: '/opt/claude',
        env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1', TOKEN: 'env:STUB_KEY' },
        key: 'env:ANTHROPIC_API_KEY',
        endpoints: { api: 'http://127.0.0.1:2' },
      },
    ],
    settings: { keepAliveMs: 500 },
  });
  const common = { env: {}, endpoints: {}, models: [], source: 'file' };
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 7282,
    clientKeys: [{ name: 'ide', key: 'ide-key-value' }],
    accounts: [
      {
        account: {
          ...common,
          id: 'stub',
          provider: 'openai-compatible',
          name: 'Stub',
          method: 'key',
          values: { baseUrl: 'http://127.0.0.1:9000/v1' },
          models: ['extra'],
        },
        secrets: { key: 'stub-key-value' },
        secretEnv: [],
      },
      {
        account: {
          ...common,
          id: 'cc',
          provider: 'claude-code',
          name: 'cc',
          method: 'api-key',
          values: { cliPath: '/opt/claude' },
          env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1', TOKEN: 'stub-key-value' },
          endpoints: { api: 'http://127.0.0.1:2' },
        },
        secrets: { key: 'anthropic-value' },
        secretEnv: ['TOKEN'],
      },
    ],
    projects: [],
    settings: { keepAliveMs: 500 },
  });
});

test('an empty object is a file that changes nothing', () => {
  expect(read({})).toEqual({ clientKeys: [], accounts: [], projects: [], settings: {} });
});

test('PATCHBAY_PORT and PATCHBAY_HOST win over the file, and port 0 is allowed', () => {
  const environment = { PATCHBAY_PORT: '0', PATCHBAY_HOST: '0.0.0.0' };
  expect(read({ host: '127.0.0.1', port: 7300 }, environment)).toMatchObject({ host: '0.0.0.0', port: 0 });
  expect(read({ port: 0 })).toMatchObject({ port: 0 });
  expect(readEnvironment({})).toEqual({ settings: {} });
  expect(() => readEnvironment({ PATCHBAY_PORT: '72x' })).toThrow(
    'PATCHBAY_PORT: must be a whole number from 0 to 65535',
  );
  expect(() => readEnvironment({ PATCHBAY_HOST: 'example.org' })).toThrow('PATCHBAY_HOST');
});

describe('the second door', () => {
  const readDoor = (content: object, environment: Record<string, string> = {}) => read(content, environment).settings;

  test('is opened by being there; what the file does not say is the default', () => {
    expect(readDoor({ ollama: {} })).toEqual({ ollamaDoor: true, ollamaPort: 11434, ollamaRequireKey: true });
    expect(readDoor({ ollama: { port: 11500, requireKey: false } })).toEqual({
      ollamaDoor: true,
      ollamaPort: 11500,
      ollamaRequireKey: false,
    });
    expect(readDoor({ ollama: { port: 0 } }).ollamaPort).toBe(0);
  });

  test('is opened by the environment, whose port wins over the file and says nothing of the key', () => {
    expect(readDoor({}, { PATCHBAY_OLLAMA_PORT: '11434' })).toEqual({ ollamaDoor: true, ollamaPort: 11434 });
    expect(readEnvironment({ PATCHBAY_OLLAMA_PORT: '11434' }).settings).toEqual({
      ollamaDoor: true,
      ollamaPort: 11434,
    });
    const both = readDoor({ ollama: { port: 1, requireKey: false } }, { PATCHBAY_OLLAMA_PORT: '2' });
    expect(both).toEqual({ ollamaDoor: true, ollamaPort: 2, ollamaRequireKey: false });
    expect(() => readEnvironment({ PATCHBAY_OLLAMA_PORT: 'yes' })).toThrow(
      'PATCHBAY_OLLAMA_PORT: must be a whole number from 0 to 65535',
    );
  });

  test.each([
    [{ ollama: true }, ['ollama: must be an object, as in { "port": 11434, "requireKey": true }']],
    [
      { ollama: { prot: 1, requireKey: 'no', port: 70000 } },
      [
        'ollama.prot: unknown key; did you mean "port"?',
        'ollama.port: must be a whole number from 0 to 65535',
        'ollama.requireKey: must be true or false',
      ],
    ],
    [{ port: 7300, ollama: { port: 7300 } }, ['ollama.port: is the same as port']],
    [{ ollama: { port: 7282 } }, ['ollama.port: is the same as port']],
    [
      { settings: { ollamaDoor: true, ollamaPort: 1, ollamaRequireKey: false } },
      [
        'settings.ollamaDoor: write "ollama" beside "settings"',
        'settings.ollamaPort: write "ollama.port" beside "settings"',
        'settings.ollamaRequireKey: write "ollama.requireKey" beside "settings"',
      ],
    ],
  ])('wrongly written as %j is named by its place', (content, faults) => {
    expect(readFaults(content)).toEqual(faults);
  });
});

test('origins of web pages are read as browsers send them, and each wrong one is named', () => {
  const corsOrigins = ['HTTP://LocalHost:80/', 'http://localhost', 'app://obsidian.md'];
  expect(read({ settings: { corsOrigins } }).settings.corsOrigins).toEqual(['http://localhost', 'app://obsidian.md']);
  expect(readFaults({ settings: { corsOrigins: ['*', 'http://ok', 'http://x/app', 5] } })).toEqual([
    'settings.corsOrigins[0]: A * would let every web page in; name each origin.',
    'settings.corsOrigins[2]: An origin ends after host and port, before "/app".',
    'settings.corsOrigins[3]: must be a text',
  ]);
  expect(readFaults({ settings: { corsOrigins: 'http://ok' } })).toEqual(['settings.corsOrigins: must be a list']);
});

test('a secret is read from a file beside the configuration file, without its line end', () => {
  const folder = makeTempFolder();
  writeFileSync(join(folder, 'ide.key'), 'from-file\n');
  const config = read({ clientKeys: [{ name: 'ide', key: 'file:ide.key' }] }, {}, folder);
  expect(config.clientKeys).toEqual([{ name: 'ide', key: 'from-file' }]);
});

describe('the sign-in method', () => {
  const methodOf = (account: object) =>
    read({ accounts: [{ id: 'cc', provider: 'claude-code', ...account }] }).accounts[0]?.account.method;

  test('is the first one that has what it requires and knows every given field', () => {
    expect([methodOf({}), methodOf({ key: 'env:STUB_KEY' }), methodOf({ cliPath: '/x' })]).toEqual([
      'login',
      'api-key',
      'login',
    ]);
  });

  test('is the one that is named', () => {
    expect(methodOf({ method: 'api-key', key: 'env:STUB_KEY' })).toBe('api-key');
    const accounts = [
      { id: 'a', provider: 'claude-code', method: 'api-key' },
      { id: 'b', provider: 'claude-code', method: 'login', key: 'env:STUB_KEY' },
      { id: 'c', provider: 'claude-code', method: 'oauth' },
    ];
    expect(readFaults({ accounts })).toEqual([
      'accounts[0].key: is needed',
      'accounts[1].key: the sign-in method "login" has no such field',
      'accounts[2].method: unknown sign-in method; known are login, api-key',
    ]);
  });
});

test('a client key has the models, the end and the limits that it is given', () => {
  const limits = { requestsPerMinute: 30, tokensPerDay: 500_000, concurrent: 2 };
  const key = { name: 'ide', key: 'env:IDE_KEY', models: ['kimi-*'], expires: '2026-12-31', limits };
  expect(read({ clientKeys: [key] }).clientKeys).toEqual([
    {
      name: 'ide',
      key: 'ide-key-value',
      rules: { models: ['kimi-*'], expiresAt: new Date(2027, 0, 1).getTime(), ...limits },
    },
  ]);
});

test.each([
  ['2026-12-31', new Date(2027, 0, 1).getTime()],
  ['2024-02-29', new Date(2024, 2, 1).getTime()],
  ['2026-12-31T18:30', new Date(2026, 11, 31, 18, 30).getTime()],
  ['2026-12-31T18:30:05Z', Date.UTC(2026, 11, 31, 18, 30, 5)],
  ['2026-12-31T18:30:05+02:00', Date.UTC(2026, 11, 31, 16, 30, 5)],
])('the end %s of a client key is read', (expires, expiresAt) => {
  const [key] = read({ clientKeys: [{ name: 'ide', key: 'env:IDE_KEY', expires }] }).clientKeys;
  expect(key?.rules).toEqual({ expiresAt });
});

test.each(['2026-2-3', '2026-02-29', '2026-13-01', '31.12.2026', '2026-12-31T25:00', '2026-12-31 18:00', '', 'never'])(
  'the end "%s" of a client key is refused',
  (expires) => {
    expect(readFaults({ clientKeys: [{ name: 'ide', key: 'env:IDE_KEY', expires }] })).toMatchObject([
      expect.stringMatching(/^clientKeys\[0\]\.expires: must be a date/),
    ]);
  },
);

describe('mistakes are named by their place, all at once', () => {
  test('in the file itself', () => {
    const content = {
      host: 'example.org',
      prot: 7282,
      clientKeys: [{ name: '', key: 'plain-secret' }, 'ide', { nmae: 'x', name: 'x', key: 'env:NOWHERE' }],
      settings: { keepAlive: 1, bodyLimitBytes: 1, port: 3, theme: 'dark' },
      accounts: {},
    };
    expect(readFaults(content)).toEqual([
      'prot: unknown key; did you mean "port"?',
      'clientKeys[0].name: must be a text that is not empty',
      'clientKeys[0].key: a secret does not belong into this file; write "env:NAME" or "file:PATH" instead',
      'clientKeys[1]: must be an object',
      'clientKeys[2].nmae: unknown key; did you mean "name"?',
      'clientKeys[2].key: the environment variable NOWHERE is not set',
      'accounts: must be a list',
      'host: must be an IP address or "localhost"',
      'settings.port: write "port" beside "settings"',
      'settings.keepAlive: unknown key; did you mean "keepAliveMs"?',
      expect.stringMatching(/^settings\.bodyLimitBytes: /),
    ]);
  });

  test('in accounts', () => {
    const accounts = [
      { ...STUB, id: 'a/b', baseurl: 'x' },
      { ...STUB, baseUrl: 'ftp://x' },
      { id: 'no-url', provider: 'openai-compatible', key: 'sk-literal' },
      { id: 'typo', provider: 'openai-compatable' },
      { ...STUB, env: { A: '1' }, endpoints: { api: 'http://x' }, models: 'm', flavour: 'sweet', key: 5 },
      { id: 'cc', provider: 'claude-code', env: { A: 1 }, endpoints: { api: 'x', apo: 'http://x' }, key: 'file:none' },
    ];
    expect(readFaults({ accounts })).toEqual([
      'accounts[0].id: must be a short name of letters, digits, dots, dashes and underscores',
      'accounts[0].baseurl: unknown key; did you mean "baseUrl"?',
      'accounts[1].baseUrl: must be a URL that begins with http:// or https://, without a user name or password in it',
      'accounts[2]: baseUrl is needed',
      'accounts[3].provider: unknown provider; did you mean "openai-compatible"?',
      'accounts[4].models: must be a list of model names',
      'accounts[4].endpoints: the provider "openai-compatible" has no endpoints of its own to replace',
      'accounts[4].env: the provider "openai-compatible" runs no program that it could be given to',
      'accounts[4].key: a secret does not belong into this file; write "env:NAME" or "file:PATH" instead',
      'accounts[4].flavour: must be one of: plain',
      'accounts[5].endpoints.apo: unknown key; did you mean "api"?',
      'accounts[5].endpoints.api: must be a URL that begins with http:// or https://, without a user name or password in it',
      'accounts[5].env.A: must be a text',
      expect.stringMatching(/^accounts\[5\]\.key: the file \/.*\/none cannot be read \(ENOENT\)$/),
      'accounts[4].id: is the same as accounts[1].id',
    ]);
  });

  test('and no message shows a secret', () => {
    expect(
      readFaults({ clientKeys: [{ name: 'a', key: 'hunter2' }], accounts: [{ ...STUB, key: 'hunter2' }] }).join(),
    ).not.toContain('hunter2');
  });

  test('two clients with one key', () => {
    const clientKeys = [
      { name: 'a', key: 'env:IDE_KEY' },
      { name: 'b', key: 'env:IDE_KEY' },
    ];
    expect(readFaults({ clientKeys })).toEqual(['clientKeys[1].key: is the same as clientKeys[0].key']);
  });

  test('two clients of one name', () => {
    const clientKeys = [
      { name: 'a', key: 'env:IDE_KEY' },
      { name: 'a', key: 'env:STUB_KEY' },
    ];
    expect(readFaults({ clientKeys })).toEqual(['clientKeys[1].name: is the same as clientKeys[0].name']);
  });

  test('in the rules of client keys', () => {
    const KEY = { name: 'a', key: 'env:IDE_KEY' };
    const clientKeys = [
      { ...KEY, models: [], limit: {} },
      { ...KEY, name: 'b', key: 'env:STUB_KEY', models: ['kimi-*', 3], expires: '2026-02-30', limits: 5 },
      {
        name: 'c',
        key: 'env:ANTHROPIC_API_KEY',
        expires: 12,
        limits: { requestsPerMinute: 0, tokens: 1, concurrent: 1.5 },
      },
    ];
    const date = 'must be a date as 2026-12-31, or with a time as 2026-12-31T18:00 or 2026-12-31T18:00:00Z';
    expect(readFaults({ clientKeys })).toEqual([
      'clientKeys[0].limit: unknown key; did you mean "limits"?',
      'clientKeys[0].models: must be a list of names, with * for any number of characters; leave it out to allow all',
      'clientKeys[1].models[1]: must be a text that is not empty',
      `clientKeys[1].expires: ${date}`,
      'clientKeys[1].limits: must be an object, as in { "requestsPerMinute": 60 }',
      `clientKeys[2].expires: ${date}`,
      'clientKeys[2].limits.tokens: unknown key; known are requestsPerMinute, tokensPerDay, concurrent',
      'clientKeys[2].limits.requestsPerMinute: must be a whole number from 1 to 100000',
      'clientKeys[2].limits.concurrent: must be a whole number from 1 to 1000',
    ]);
  });
});

test('a file that is missing, cut or no object says so', () => {
  expect(() => readConfigFile('/nowhere/x.json', {}, [])).toThrow('/nowhere/x.json does not exist');
  expect(() => read('{"host": ')).toThrow('is no JSON');
  expect(() => read('[]')).toThrow('must be a JSON object');
  expect(read(`\uFEFF{"port":1}`).port).toBe(1);
});

test('a project needs a folder that is there; what it does not say of its agent is the default', () => {
  const path = makeTempFolder();
  const { projects } = read({
    projects: [{ id: 'shop', path: `${path}/`, agent: { enabled: true, tools: ['Read'] } }],
  });
  expect(projects).toMatchObject([
    {
      id: 'shop',
      name: 'shop',
      path,
      source: 'file',
      agent: { enabled: true, mode: 'ask', tools: ['Read'], maxTurns: 30 },
    },
  ]);
});

test('every mistake of a project is named with its place', () => {
  const path = makeTempFolder();
  expect(
    readFaults({
      projects: [
        { id: 'a', path, agent: { enabld: true, mode: 'wild', maxTurns: 0, allow: ['rm -rf'] } },
        { id: 'B b', path: 'shop', nam: 'x' },
        { id: 'c', name: 3, path: `${path}/gone`, agent: true },
        { id: 'd', path },
        { id: 'd', path },
        'e',
      ],
    }),
  ).toEqual([
    'projects[0].agent.enabld: unknown key; did you mean "enabled"?',
    'projects[0].agent.mode: Invalid option: expected one of "plan"|"ask"|"edit"|"listed"|"everything"',
    'projects[0].agent.allow[0]: must be a tool, or a tool with a pattern, as in Bash(npm test *)',
    'projects[0].agent.maxTurns: Too small: expected number to be >=1',
    'projects[1].nam: unknown key; did you mean "name"?',
    'projects[1].path: the folder shop is not an absolute path',
    'projects[1].id: must be a short name of small letters, digits, dots, dashes and underscores',
    'projects[2].agent: must be an object',
    `projects[2].path: the folder ${path}/gone does not exist`,
    'projects[2].name: Invalid input: expected string, received number',
    'projects[5]: must be an object',
    'projects[4].id: is the same as projects[3].id',
  ]);
});

describe('the rules of routing', () => {
  test('are taken in the form that the window exports, with the defaults for what is not said', () => {
    const routing = {
      pools: { 'openai-compatible': { strategy: 'round-robin' } },
      accounts: { stub: { concurrency: 2 }, 'of-the-window': { priority: 1 } },
      aliases: { 'gpt-4o': 'kimi-k3', 'gpt-*': 'claude-*' },
      clients: { ide: { aliases: { fast: 'stub/m' }, unknownModel: null } },
      hidden: ['*-preview'],
      fallbacks: { 'kimi-k3': ['claude-sonnet-5'] },
      unknownModel: 'kimi-k3',
      attempts: { most: 3 },
    };
    const read1 = read({ routing }).settings.routing;
    expect(read1).toEqual({
      ...DEFAULT_ROUTING,
      ...routing,
      pools: { 'openai-compatible': { strategy: 'round-robin', sticky: true } },
      accounts: { stub: { priority: 0, concurrency: 2 }, 'of-the-window': { priority: 1, concurrency: 0 } },
      attempts: { ...DEFAULT_ROUTING.attempts, most: 3 },
    });
    expect(read({ routing: read1 }).settings.routing).toEqual(read1);
    expect(read({ routing: {} }).settings.routing).toEqual(DEFAULT_ROUTING);
    expect(read({}).settings.routing).toBeUndefined();
  });

  test('that name accounts and keys which are nowhere are told of', () => {
    const { accounts, clients } = Routing.parse({ accounts: { one: {}, two: {} }, clients: { ide: {}, cli: {} } });
    expect(listStrangers({ accounts, clients }, { accounts: ['one'], keys: ['cli'] })).toEqual([
      'routing.accounts has rules for "two", and there is no such account.',
      'routing.clients has rules for "ide", and there is no such client key.',
    ]);
  });

  test.each<[unknown, string[]]>([
    [[], ['routing: must be an object']],
    [{ alias: {} }, ['routing.alias: unknown key; did you mean "aliases"?']],
    [
      JSON.parse('{"aliases":{"__proto__":"m","constructor":"m"},"accounts":{"__proto__":{"priority":1}}}'),
      ['routing.aliases.__proto__: is no usable name', 'routing.accounts.__proto__: is no usable name'],
    ],
    [
      { pools: { 'openai-compatibel': {}, 'claude-code': { strategy: 'random', stiky: true } } },
      [
        'routing.pools.claude-code.stiky: unknown key; did you mean "sticky"?',
        'routing.pools.openai-compatibel: unknown provider; did you mean "openai-compatible"?',
        'routing.pools.claude-code.strategy: Invalid option: expected one of "failover"|"round-robin"|"fill-first"|"least-used"',
      ],
    ],
    [
      { accounts: { a: { concurency: 1 } }, clients: { ide: { models: [] } }, attempts: { most: 0, tries: 1 } },
      [
        'routing.accounts.a.concurency: unknown key; did you mean "concurrency"?',
        'routing.clients.ide.models: unknown key; known are aliases, unknownModel',
        'routing.attempts.tries: unknown key; did you mean "retries"?',
        'routing.attempts.most: Too small: expected number to be >=1',
      ],
    ],
    [
      {
        aliases: { '': 'm', fast: ' ' },
        fallbacks: { m: ['n', 'm', ''] },
        clients: { ide: { aliases: { ' ': 'm' } } },
      },
      [
        'routing.fallbacks.m[1]: is the model that it is to stand in for',
        'routing.aliases: has an entry whose name is empty',
        'routing.clients.ide.aliases: has an entry whose name is empty',
        'routing.aliases.fast: must be a text that is not empty',
        'routing.fallbacks.m[2]: must be a text that is not empty',
      ],
    ],
    [{ aliases: [] }, ['routing.aliases: Invalid input: expected record, received array']],
  ])('%j has its mistakes named', (routing, faults) => {
    expect(readFaults({ routing })).toEqual(faults);
  });

  test('stand beside the settings', () => {
    expect(readFaults({ settings: { routing: {} } })).toEqual(['settings.routing: write "routing" beside "settings"']);
  });
});

describe('a proxy', () => {
  const URL = 'socks5://me:pass-word@host:1080';
  const ADDRESS = 'socks5://me@host:1080';

  test.each([
    ['written out', URL, {}],
    ['whole in the environment', 'env:WAY', { WAY: URL }],
    ['with its password in the environment', 'socks5://me:env:WORD@host', { WORD: 'pass-word' }],
    ['with its password in a file', 'socks5://me:file:word.txt@host', {}],
  ])('%s has its password apart', (_, proxy, environment) => {
    const folder = makeTempFolder();
    writeFileSync(join(folder, 'word.txt'), 'pass-word\n');
    const config = read({ proxy, accounts: [{ ...STUB, proxy }] }, environment, folder);
    expect([config.proxy, config.settings.proxy]).toEqual([URL, ADDRESS]);
    expect(config.accounts[0]?.account.values.proxy).toBe(ADDRESS);
    expect(config.accounts[0]?.secrets).toEqual({ proxy: URL });
  });

  test('without a password is no secret', () => {
    const config = read({ accounts: [{ ...STUB, proxy: 'http://host:3128' }] });
    expect(config.accounts[0]).toMatchObject({ account: { values: { proxy: 'http://host:3128' } }, secrets: {} });
  });

  test('that cannot be read is named by its place, without its password', () => {
    const faults = readFaults({ proxy: 'socks4://me:secret@host', accounts: [{ ...STUB, proxy: 'env:NONE' }] });
    expect(faults).toEqual([
      'accounts[0].proxy: the environment variable NONE is not set',
      expect.stringMatching(/^proxy: must look like http:/),
    ]);
    expect(readFaults({ settings: { proxy: 'http://host:1' } })).toEqual([
      'settings.proxy: write "proxy" beside "settings"',
    ]);
  });
});
