// K2-Think, Poe and Kimi in the fake contract: their real forms, accounts in states that only they have, and lines of a list.
import { viewProvider } from '../../main/admin/account-views.ts';
import { PROXY_FIELD } from '../../main/credentials/account-fields.ts';
import { createHttpClient } from '../../main/http/client.ts';
import { createK2ThinkProvider } from '../../main/providers/k2-think/index.ts';
import { createKimiProvider } from '../../main/providers/kimi/index.ts';
import { createPoeProvider } from '../../main/providers/poe/index.ts';
import type { ListedAccountView } from '../../shared/account-lists.ts';
import type { AccountView, ModelView, ProviderView } from '../../shared/views.ts';
import { createKimiServices } from './kimi-services.ts';
import { IDLE } from './no-pool.ts';

const NOW = Date.now();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EMPTY = { env: {}, endpoints: {}, ...IDLE, models: [], values: {}, source: 'settings' as const };
const READY = { state: 'ready' as const, stateAt: NOW - 2 * MINUTE_MS, lastUsedAt: NOW - 2 * MINUTE_MS };

const services = createKimiServices(createHttpClient());

/** The three, as the engine shows them; the fake contract adds the proxy's field by itself. */
export const SERVICES: ProviderView[] = [createK2ThinkProvider, createPoeProvider, createKimiProvider].map((create) => {
  const view = viewProvider(create(services));
  return { ...view, fields: view.fields.filter(({ name }) => name !== PROXY_FIELD.name) };
});

/** Balances, meters of a coding plan, a guest, a sign-in that was refused. */
export const SERVICE_ACCOUNTS: AccountView[] = [
  {
    ...EMPTY,
    ...READY,
    id: 'ada',
    provider: 'k2-think',
    providerName: 'K2-Think',
    name: 'ada@example.org',
    method: 'password',
    values: { email: 'ada@example.org' },
    secrets: [{ name: 'password', lastFour: '' }],
    stateText: 'Signed in; the token is renewed by itself.',
    modelCount: 4,
  },
  {
    ...EMPTY,
    id: 'charles',
    provider: 'k2-think',
    providerName: 'K2-Think',
    name: 'charles@example.org',
    method: 'password',
    values: { email: 'charles@example.org' },
    secrets: [{ name: 'password', lastFour: '' }],
    state: 'failed',
    stateText: 'K2-Think does not know this e-mail with this password. Change it, then check again.',
    stateAt: NOW - 4 * MINUTE_MS,
    modelCount: 0,
  },
  {
    ...EMPTY,
    ...READY,
    id: 'guest',
    provider: 'k2-think',
    providerName: 'K2-Think',
    name: 'Guest',
    method: 'guest',
    values: { proxy: 'socks5://127.0.0.1:9050' },
    secrets: [],
    stateText: 'Answered a request.',
    modelCount: 2,
  },
  {
    ...EMPTY,
    ...READY,
    id: 'poe',
    provider: 'poe',
    providerName: 'Poe',
    name: 'Poe',
    method: 'key',
    secrets: [{ name: 'key', lastFour: '77ab' }],
    stateText: 'Answered a request.',
    modelCount: 112,
    hasQuota: true,
    quota: {
      meters: [],
      balances: [
        { label: 'Balance', left: 1_204_330, unit: 'points' },
        { label: 'Of the plan', left: 1_000_000, unit: 'points' },
        { label: 'Bought', left: 204_330, unit: 'points' },
      ],
      readAt: NOW - 2 * MINUTE_MS,
    },
  },
  {
    ...EMPTY,
    ...READY,
    id: 'kimi',
    provider: 'kimi',
    providerName: 'Kimi',
    name: 'Kimi, China',
    method: 'key',
    values: { region: 'china' },
    secrets: [{ name: 'key', lastFour: '81ce' }],
    stateText: 'Answered a request.',
    modelCount: 9,
    hasQuota: true,
    quota: {
      meters: [],
      balances: [
        { label: 'Balance', left: -3.2, unit: 'yuan' },
        { label: 'Of it cash', left: -3.2, unit: 'yuan' },
        { label: 'Of it vouchers', left: 0, unit: 'yuan' },
      ],
      readAt: NOW - MINUTE_MS,
    },
  },
  {
    ...EMPTY,
    ...READY,
    id: 'kimi-code',
    provider: 'kimi',
    providerName: 'Kimi',
    name: 'Kimi Code',
    method: 'key',
    values: { region: 'code' },
    secrets: [{ name: 'key', lastFour: '1f0d' }],
    stateText: 'Answered a request.',
    modelCount: 2,
    hasQuota: true,
    quota: {
      plan: 'Moderato',
      meters: [
        { label: 'Week', used: 1_812, limit: 2_048, resetsAt: NOW + 60 * HOUR_MS },
        { label: '5 hours', used: 41, limit: 200, resetsAt: NOW + 2 * HOUR_MS },
      ],
      readAt: NOW - MINUTE_MS,
    },
  },
];

/** Lines of a pasted list: good ones, one that is there already, one that has ended, one that is damaged. */
export const LISTED: ListedAccountView[] = [
  { line: 1, title: 'ada@example.org', usable: true, account: 'ada@example.org' },
  { line: 2, title: 'grace@example.org', usable: true },
  { line: 3, title: 'the-analytical-engine-team-of-the-northern-branch@mail.example-university.org', usable: true },
  { line: 5, title: 'Token of 5f2c71b0', fact: 'good until 2026-12-03 09:00 UTC', usable: true },
  { line: 6, title: 'Token of 91aa03de', problem: 'It ended 2026-11-02 09:00 UTC.', usable: true },
  { line: 7, title: 'Unknown', problem: 'The JSON object is damaged.', usable: false },
];

const K2 = { account: 'ada', accountName: 'ada@example.org', provider: 'k2-think', reasoning: true, tools: true };
const POE = { account: 'poe', accountName: 'Poe', provider: 'poe', tools: true };

/** Models whose calls are told in words, with a rate in each colour, and ones that know tools. */
export const SERVICE_MODELS: ModelView[] = [
  { ...K2, id: 'K2-Think-v2', toolCalls: { asked: 212, wellFormed: 198, repaired: 9, retried: 4, failed: 1 } },
  { ...K2, id: 'K2-Think-v2-nothink', toolCalls: { asked: 3, wellFormed: 3, repaired: 0, retried: 0, failed: 0 } },
  { ...POE, id: 'Claude-Opus-4.8', images: true, reasoning: true, contextTokens: 200_000 },
  {
    ...POE,
    id: 'Llama-4-Scout-B10-With-A-Long-Name-Of-A-Bot',
    toolCalls: { asked: 40, wellFormed: 18, repaired: 6, retried: 6, failed: 12 },
  },
];
