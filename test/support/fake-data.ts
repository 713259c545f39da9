// Data like a real person's, for the fake contract: four accounts, and their models.

import type { TrafficView } from '../../shared/requests.ts';
import type {
  AccountView,
  CheckStep,
  ClientKeyView,
  DoorView,
  ModelView,
  ProviderView,
  StatusView,
} from '../../shared/views.ts';
import { ABILITIES } from './fake-projects.ts';
import { IDLE } from './no-pool.ts';

const NOW = Date.now();
const MINUTE_MS = 60_000;

/** A desktop that serves. */
export const STATUS: StatusView = {
  version: '0.1.0',
  mode: 'desktop',
  startedAt: NOW - 5 * 60 * MINUTE_MS,
  door: { state: 'serving', host: '127.0.0.1', port: 7282, baseUrl: 'http://127.0.0.1:7282', exposed: false },
  runningStreams: 2,
  vault: { kind: 'keychain', detail: 'Secrets are kept in the keychain of this system.' },
  dataFolder: '/home/ada/.config/patchbay',
  dialects: [
    { name: 'OpenAI chat completions', path: '/v1', routes: ['/v1/chat/completions', '/v1/models'] },
    { name: 'OpenAI Responses', path: '/v1', routes: ['/v1/responses'] },
    { name: 'Anthropic Messages', path: '', routes: ['/v1/messages', '/v1/models'] },
    { name: 'Ollama', path: '', routes: ['/', '/api/tags', '/api/chat'] },
    { name: 'Gemini', path: '', routes: ['/v1beta/models/{name}:generateContent'] },
  ],
  fixedSettings: [],
  notices: [],
};

/** The second door, open. */
export const SECOND_DOOR: DoorView = {
  state: 'serving',
  host: '127.0.0.1',
  port: 11434,
  baseUrl: 'http://127.0.0.1:11434',
  exposed: false,
};

/** The second door where Ollama is. */
export const SECOND_DOOR_TAKEN: DoorView = {
  ...SECOND_DOOR,
  state: 'port-taken',
  problem: 'Ollama itself (version 0.13.4) already uses port 11434.',
  freePort: 11435,
};

/** A working day. */
export const TRAFFIC: TrafficView = {
  requests: 1204,
  failed: 5,
  firstTokenMs: 812,
  inputTokens: 4_812_330,
  outputTokens: 612_440,
  hourly: [4, 0, 0, 0, 0, 0, 2, 18, 64, 92, 110, 84, 40, 71, 120, 133, 98, 77, 54, 61, 88, 47, 30, 11],
};

/** The key of the first start. */
export const KEYS: ClientKeyView[] = [
  {
    id: 'default',
    name: 'First key',
    lastFour: '3f9c',
    source: 'settings',
    createdAt: NOW - 9e8,
    lastUsedAt: NOW - 40_000,
    rules: {},
    usage: { tokensToday: 48_200, requests: 1_204 },
  },
];

const DAY_MS = 24 * 60 * MINUTE_MS;

/** Keys in each of the states, the first one free of rules. */
export const MANY_KEYS: ClientKeyView[] = [
  ...KEYS,
  {
    id: 'codex',
    name: 'Codex',
    lastFour: '81ce',
    source: 'settings',
    createdAt: NOW - 9 * DAY_MS,
    lastUsedAt: NOW - 9 * MINUTE_MS,
    rules: { models: ['kimi-*', 'claude-sonnet-5'], requestsPerMinute: 60, tokensPerDay: 2_000_000, concurrent: 4 },
    usage: { tokensToday: 412_800, requests: 311 },
  },
  {
    id: 'guest',
    name: 'Guest at the workshop',
    lastFour: 'a0b7',
    source: 'settings',
    createdAt: NOW - 4 * DAY_MS,
    rules: { models: ['echo'], expiresAt: NOW + 3 * DAY_MS, tokensPerDay: 10_000 },
    usage: { tokensToday: 0, requests: 0 },
  },
  {
    id: 'script',
    name: 'Nightly script',
    lastFour: '77d1',
    source: 'settings',
    createdAt: NOW - 90 * DAY_MS,
    lastUsedAt: NOW - 2 * 60 * MINUTE_MS,
    rules: { tokensPerDay: 50_000, expiresAt: NOW + 200 * DAY_MS },
    usage: { tokensToday: 50_412, requests: 90 },
  },
  {
    id: 'old',
    name: 'Old laptop',
    lastFour: 'c4e2',
    source: 'settings',
    createdAt: NOW - 200 * DAY_MS,
    lastUsedAt: NOW - 12 * DAY_MS,
    rules: { expiresAt: NOW - 11 * DAY_MS },
    usage: { tokensToday: 0, requests: 8_412 },
  },
  {
    id: 'file-ide',
    name: 'ide',
    lastFour: '9f02',
    source: 'file',
    lastUsedAt: NOW - 26 * 60 * MINUTE_MS,
    rules: { concurrent: 2 },
    usage: { tokensToday: 0, requests: 44 },
  },
];

/** A provider that runs a program, one that takes a key, and the built-in one. */
export const PROVIDERS: ProviderView[] = [
  {
    id: 'demo',
    name: 'Demo',
    standing: 'Built into Patchbay: no model, it streams back what you sent.',
    spends: 'Spends nothing and asks nobody.',
    signIn: [],
    fields: [],
  },
  {
    id: 'claude-code',
    name: 'Claude Code',
    standing: 'The official command line program, run as a subprocess on this machine.',
    spends: 'Spends the plan or the API credit of the login that the program has.',
    signIn: [
      {
        id: 'login',
        label: 'Its own login',
        help: 'Uses the login that the program already has. Nothing is copied.',
        dialogue: true,
        fields: [],
      },
      {
        id: 'key',
        label: 'API key',
        help: 'Gives the program a key of yours for each request.',
        fields: [{ name: 'key', label: 'API key', kind: 'secret', required: true, placeholder: 'sk-ant-…' }],
      },
    ],
    fields: [
      {
        name: 'cliPath',
        label: 'Program',
        kind: 'path',
        required: false,
        placeholder: 'Found on PATH',
        help: 'Only where it is not found by itself.',
      },
    ],
    agent: ABILITIES,
  },
  {
    id: 'openai-compatible',
    name: 'OpenAI-compatible',
    standing: 'The public API of the service, used as its documents say.',
    spends: 'Spends the balance of the key, by the prices of the service.',
    signIn: [
      {
        id: 'key',
        label: 'Key',
        fields: [
          {
            name: 'baseUrl',
            label: 'Base URL',
            kind: 'url',
            required: true,
            placeholder: 'https://api.example.com/v1',
            help: 'As the service documents it, mostly ending in /v1.',
          },
          { name: 'key', label: 'API key', kind: 'secret', required: false },
        ],
        presets: [
          {
            id: 'kimi',
            label: 'Kimi, international',
            values: { baseUrl: 'https://api.moonshot.ai/v1' },
            help: 'Keys from platform.kimi.ai. Keys of the other two bases do not work here.',
          },
          { id: 'kimi-china', label: 'Kimi, China', values: { baseUrl: 'https://api.moonshot.cn/v1' } },
          { id: 'kimi-code', label: 'Kimi Code', values: { baseUrl: 'https://api.kimi.com/coding/v1' } },
        ],
      },
    ],
    fields: [],
  },
];

const EMPTY = { env: {}, endpoints: {}, ...IDLE, models: [], secrets: [] };

/** Accounts in each of the states. */
export const ACCOUNTS: AccountView[] = [
  {
    ...EMPTY,
    id: 'claude-code',
    provider: 'claude-code',
    providerName: 'Claude Code',
    name: 'Claude Code',
    method: 'login',
    values: {},
    source: 'settings',
    login: 'shared',
    state: 'ready',
    stateText: 'Version 2.1.329, logged in with a Max plan',
    stateAt: NOW - 12 * MINUTE_MS,
    lastUsedAt: NOW - 40_000,
    modelCount: 4,
  },
  {
    ...EMPTY,
    id: 'kimi',
    provider: 'openai-compatible',
    providerName: 'OpenAI-compatible',
    name: 'Kimi',
    method: 'key',
    values: { baseUrl: 'https://api.moonshot.ai/v1' },
    secrets: [{ name: 'key', lastFour: '81ce' }],
    source: 'settings',
    state: 'ready',
    stateText: 'Key accepted, 9 models listed',
    stateAt: NOW - 3 * MINUTE_MS,
    lastUsedAt: NOW - 3 * MINUTE_MS,
    modelCount: 9,
  },
  {
    ...EMPTY,
    id: 'workstation',
    provider: 'openai-compatible',
    providerName: 'OpenAI-compatible',
    name: 'Workstation (vLLM)',
    method: 'key',
    values: { baseUrl: 'http://10.0.0.12:8000/v1' },
    source: 'file',
    state: 'untested',
    modelCount: 1,
  },
  {
    ...EMPTY,
    id: 'demo',
    provider: 'demo',
    providerName: 'Demo',
    name: 'Demo',
    method: 'none',
    values: {},
    source: 'built-in',
    state: 'ready',
    stateText: 'Always there',
    lastUsedAt: NOW - 26 * 60 * MINUTE_MS,
    modelCount: 1,
  },
];

const CLAUDE = {
  account: 'claude-code',
  accountName: 'Claude Code',
  provider: 'claude-code',
  tools: true,
  images: true,
};
const KIMI = { account: 'kimi', accountName: 'Kimi', provider: 'openai-compatible', tools: true };

/** What these accounts serve. */
export const MODELS: ModelView[] = [
  { id: 'echo', name: 'Demo echo', account: 'demo', accountName: 'Demo', provider: 'demo', contextTokens: 32_000 },
  {
    ...CLAUDE,
    id: 'claude-opus-4-8',
    name: 'Opus 4.8',
    reasoning: true,
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
  },
  {
    ...CLAUDE,
    id: 'claude-sonnet-5',
    name: 'Sonnet 5',
    reasoning: true,
    contextTokens: 1_000_000,
    maxOutputTokens: 64_000,
  },
  { ...CLAUDE, id: 'claude-haiku-4-5', name: 'Haiku 4.5', contextTokens: 200_000, maxOutputTokens: 32_000 },
  { ...KIMI, id: 'kimi-k3', images: true, reasoning: true, contextTokens: 262_144, maxOutputTokens: 65_536 },
  { ...KIMI, id: 'kimi-k2.6', images: true, reasoning: true, contextTokens: 262_144 },
  { ...KIMI, id: 'kimi-k2-thinking', reasoning: true, contextTokens: 262_144 },
  { ...KIMI, id: 'moonshot-v1-128k', contextTokens: 131_072 },
  {
    id: 'workstation/Qwen3.5-Coder-32B-Instruct-AWQ',
    account: 'workstation',
    accountName: 'Workstation (vLLM)',
    provider: 'openai-compatible',
    toolCalls: { asked: 1_412, wellFormed: 1_102, repaired: 61, retried: 24, failed: 9 },
  },
];

/** A check of a program that is there but not logged in. */
export const LOGGED_OUT: CheckStep[] = [
  { id: 'program', label: 'Program found', state: 'ok', detail: '/home/ada/.local/bin/claude' },
  { id: 'version', label: 'Version 2.1.329', state: 'ok' },
  {
    id: 'login',
    label: 'Not logged in',
    state: 'failed',
    detail: 'The program has no login on this machine. Log in once in a terminal, then check again.',
    command: 'claude /login',
    link: 'https://code.claude.com/docs/en/setup',
  },
];

/** A check that goes well, with a remark. */
export const GOOD_CHECK: CheckStep[] = [
  { id: 'reach', label: 'Service reached', state: 'ok', detail: 'api.moonshot.ai answered in 182 ms' },
  { id: 'key', label: 'Key accepted', state: 'ok' },
  { id: 'models', label: '9 models listed', state: 'ok', detail: 'kimi-k3, kimi-k2.6, kimi-k2-thinking and 6 more' },
];

/** A check of a program whose login only a request can prove. */
export const LOGGED_IN: CheckStep[] = [
  {
    id: 'program',
    label: 'Claude Code 2.1.329 found',
    state: 'ok',
    detail: '/home/ada/.local/bin/claude (by its usual place)',
  },
  {
    id: 'login',
    label: 'Logged in',
    state: 'unproved',
    detail: 'Kind: claude.ai, plan: max, ada@example.com. Whether Anthropic accepts it shows with the first request.',
  },
  { id: 'models', label: '4 models', state: 'ok', detail: 'claude-opus-5-5, claude-sonnet-5-5, claude-haiku-5-5' },
];
