// Accounts of one provider that share the work, in every state that the pool knows, with their models and a request's paths.
import type { AccountView, ModelView } from '../../shared/views.ts';
import { ACCOUNTS, MODELS } from './fake-data.ts';

const NOW = Date.now();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const KIMI = ACCOUNTS.find(({ id }) => id === 'kimi') as AccountView;
const CLAUDE = ACCOUNTS.find(({ id }) => id === 'claude-code') as AccountView;
const { quota: _, ...PLAIN } = KIMI;

/** The upstream named the end of its rest. */
export const RESTING: AccountView = {
  ...PLAIN,
  id: 'kimi-work',
  name: 'Kimi (work)',
  state: 'resting',
  stateText: 'Too many requests; the service asks for a pause.',
  rests: [
    {
      since: NOW - 3 * MINUTE_MS,
      until: NOW + 14 * MINUTE_MS,
      cause: 'told',
      text: 'Your account reached its requests-per-minute limit (429: rate_limit_reached_error).',
    },
  ],
  counts: { served: 1204, failed: 31, failuresInARow: 1, lastFailureAt: NOW - 3 * MINUTE_MS },
};

/** At work; one of its models rests. */
export const WORKING: AccountView = {
  ...PLAIN,
  id: 'kimi-home',
  name: 'Kimi (home)',
  secrets: [{ name: 'key', lastFour: 'a04b' }],
  state: 'ready',
  rests: [
    {
      model: 'kimi-k2-thinking',
      since: NOW - MINUTE_MS,
      until: NOW + 9 * MINUTE_MS,
      cause: 'guessed',
      text: 'The engine is overloaded, please try again later.',
    },
  ],
  running: 2,
  counts: { served: 388, failed: 2, failuresInARow: 0, lastFailureAt: NOW - MINUTE_MS },
};

/** Until somebody mends it. */
export const BROKEN: AccountView = {
  ...PLAIN,
  id: 'kimi-old',
  name: 'Kimi (old key)',
  secrets: [{ name: 'key', lastFour: '77d1' }],
  state: 'failed',
  stateText: 'The service refused the key (401: Invalid Authentication). Make a new key and put it in here.',
  stateAt: NOW - 2 * HOUR_MS,
  rests: [
    {
      since: NOW - 2 * HOUR_MS,
      cause: 'failed',
      text: 'The service refused the key (401: Invalid Authentication). Make a new key and put it in here.',
    },
  ],
  counts: { served: 52, failed: 9, failuresInARow: 9, lastFailureAt: NOW - 2 * HOUR_MS },
};

/** By the person's wish. */
export const SENT_TO_REST: AccountView = {
  ...PLAIN,
  id: 'kimi-spare',
  name: 'Kimi (spare)',
  secrets: [{ name: 'key', lastFour: '0c2e' }],
  state: 'resting',
  rests: [{ since: NOW - HOUR_MS, cause: 'hand', text: 'You let it rest.' }],
  counts: { served: 12, failed: 0, failuresInARow: 0 },
};

/** Its login is renewed by Patchbay, lately and in time. */
export const RENEWED: AccountView = {
  ...CLAUDE,
  login: 'own',
  running: 1,
  counts: { served: 640, failed: 3, failuresInARow: 0, lastFailureAt: NOW - 26 * HOUR_MS },
  renewal: {
    endsAt: NOW + 3 * HOUR_MS,
    dueAt: NOW + 2.75 * HOUR_MS,
    renewedAt: NOW - 20 * MINUTE_MS,
    isRunning: false,
    count: 4,
    errors: 0,
  },
};

/** Its login could not be renewed. */
export const UNRENEWED: AccountView = {
  ...RENEWED,
  state: 'attention',
  stateText: undefined,
  running: 0,
  renewal: {
    endsAt: NOW + 8 * MINUTE_MS,
    dueAt: NOW + 2 * MINUTE_MS,
    renewedAt: NOW - 52 * MINUTE_MS,
    isRunning: false,
    count: 4,
    errors: 3,
    problem: 'invalid_grant: Refresh token expired or revoked.',
  },
};

const DEMO = ACCOUNTS.filter(({ source }) => source === 'built-in');

/** A pool of four in four states, a login that is renewed, and the built-in account. */
export const POOL_ACCOUNTS: AccountView[] = [RENEWED, RESTING, WORKING, BROKEN, SENT_TO_REST, ...DEMO];

/** Everybody rests. */
export const ALL_RESTING: AccountView[] = [RESTING, SENT_TO_REST].map((account) => ({ ...account }));

const KIMI_MODELS = MODELS.filter(({ account }) => account === 'kimi');

/** What the pool serves: each model of the provider by each of its accounts. */
export const POOL_MODELS: ModelView[] = [
  ...MODELS.filter(({ account }) => account === 'claude-code'),
  ...[RESTING, WORKING, BROKEN, SENT_TO_REST].flatMap(({ id, name }) =>
    KIMI_MODELS.map((model) => ({
      ...model,
      id: `${id}/${model.id}`,
      names: [model.id],
      isHidden: model.id.startsWith('moonshot-'),
      account: id,
      accountName: name,
    })),
  ),
  ...MODELS.filter(({ account }) => account === 'demo'),
];
