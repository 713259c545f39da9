// Accounts whose plans are in every state that a row can show, and a provider with settings that few people touch.
import type { QuotaView } from '../../shared/quota.ts';
import type { AccountView, ProviderView } from '../../shared/views.ts';
import { IDLE } from './no-pool.ts';

const NOW = Date.now();
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const EMPTY = { env: {}, endpoints: {}, ...IDLE, models: [], secrets: [], values: {} };
const MONTH = { label: 'Credits', unit: 'credits', limit: 2000, resetsAt: NOW + 9 * DAY_MS };

/** A provider whose form has a few fields for everybody and many for few. */
export const QUOTA_PROVIDER: ProviderView = {
  id: 'kiro',
  name: 'Kiro',
  standing:
    'Reverse-engineered: AWS publishes no interface for this and may suspend accounts that are used so. The sanctioned way is kiro-cli’s own “kiro-cli acp”.',
  spends: 'Each request spends credits of your Kiro plan, as in Kiro itself; what is left is shown with the account.',
  signIn: [
    {
      id: 'key',
      label: 'API key',
      help: 'A key from Kiro’s account page; it needs no renewal.',
      fields: [{ name: 'apiKey', label: 'API key', kind: 'secret', required: true, placeholder: 'ksk_…' }],
    },
  ],
  fields: [
    {
      name: 'apiRegion',
      label: 'Region of Kiro',
      kind: 'text',
      required: false,
      advanced: true,
      placeholder: 'found by itself',
      help: 'us-east-1 or eu-central-1. Only where Patchbay does not find it out.',
    },
    {
      name: 'webSearch',
      label: 'Web search',
      kind: 'choice',
      required: false,
      advanced: true,
      help: 'Offers Kiro’s own search to the model where the client has none. Each round is another request.',
      options: [
        { value: 'no', label: 'Off' },
        { value: 'yes', label: 'On' },
      ],
    },
  ],
};

function plan(id: string, name: string, quota: QuotaView | undefined): AccountView {
  return {
    ...EMPTY,
    id,
    provider: 'kiro',
    providerName: 'Kiro',
    name,
    method: 'key',
    secrets: [{ name: 'apiKey', lastFour: '4f2a' }],
    source: 'settings',
    state: 'ready',
    stateText: 'Answered a request.',
    stateAt: NOW - 2 * MINUTE_MS,
    lastUsedAt: NOW - 2 * MINUTE_MS,
    modelCount: 12,
    hasQuota: true,
    ...(quota === undefined ? {} : { quota }),
  };
}

/** A plan with much left. */
export const FINE: QuotaView = {
  meters: [{ ...MONTH, used: 417.43 }],
  plan: 'KIRO PRO+',
  user: 'ada@example.com',
  readAt: NOW - 2 * MINUTE_MS,
};

const HOUR_MS = 60 * MINUTE_MS;

/** A plan that is told by answers alone: its windows, and how fast it may be asked. */
export const WINDOWS: QuotaView = {
  meters: [
    {
      label: '5 hours',
      used: 62,
      limit: 100,
      unit: '%',
      resetsAt: NOW + 3 * HOUR_MS,
      forecast: { perHour: 20, emptyAt: NOW + 114 * MINUTE_MS },
      toldAt: NOW - 3 * MINUTE_MS,
    },
    { label: '7 days', used: 31, limit: 100, unit: '%', resetsAt: NOW + 4 * DAY_MS, toldAt: NOW - 3 * MINUTE_MS },
    { label: '7 days, Opus', used: 96, limit: 100, unit: '%', resetsAt: NOW - 9 * MINUTE_MS, toldAt: NOW - DAY_MS },
    {
      label: 'Requests',
      kind: 'rate',
      used: 1,
      limit: 500,
      unit: 'requests',
      resetsAt: NOW + 30 * MINUTE_MS,
      toldAt: NOW - 3 * MINUTE_MS,
    },
    {
      label: 'Input tokens',
      kind: 'rate',
      used: 16,
      limit: 150_000,
      unit: 'tokens',
      resetsAt: NOW - MINUTE_MS,
      toldAt: NOW - 3 * MINUTE_MS,
    },
  ],
  readAt: NOW - 3 * MINUTE_MS,
};

/** One account in each state. */
export const QUOTA_ACCOUNTS: AccountView[] = [
  plan('fine', 'Ada at work', FINE),
  plan('low', 'Ada at home', {
    ...FINE,
    plan: 'KIRO FREE',
    meters: [
      {
        ...MONTH,
        used: 606.5,
        limit: 650,
        parts: [
          { label: 'Plan', used: 50, limit: 50 },
          { label: 'Free trial', used: 496.5, limit: 500, endsAt: NOW + 3 * DAY_MS },
          { label: 'Promo', used: 60, limit: 100 },
        ],
      },
    ],
  }),
  {
    ...plan('exhausted', 'Charles', { ...FINE, plan: 'KIRO PRO', meters: [{ ...MONTH, limit: 1000, used: 1000 }] }),
    state: 'attention',
    stateText: undefined,
  },
  plan('beyond', 'The whole analytical engine team of the northern branch office', {
    ...FINE,
    meters: [{ ...MONTH, used: 2214.07, goesOn: true }],
  }),
  { ...plan('windows', 'By answers', WINDOWS), hasQuota: undefined },
  plan('soon', 'Nearly gone', {
    ...FINE,
    meters: [{ ...MONTH, used: 1800, forecast: { perHour: 240, emptyAt: NOW + 50 * MINUTE_MS } }],
  }),
  plan('money', 'Money', {
    meters: [],
    balances: [
      { label: 'Balance', left: 4.2, unit: 'USD', forecast: { perHour: 1.4, emptyAt: NOW + 3 * HOUR_MS } },
      { label: 'Of it vouchers', left: 1, unit: 'USD' },
    ],
    readAt: NOW - MINUTE_MS,
  }),
  plan('unread', 'Not asked', undefined),
  plan('unknown', 'Not told', { meters: [], plan: 'KIRO POWER', readAt: NOW }),
  plan('offline', 'Offline', {
    ...FINE,
    readAt: NOW - 50 * MINUTE_MS,
    problem: 'No answer from https://management.us-east-1.kiro.dev: its name is not known (DNS).',
  }),
];
