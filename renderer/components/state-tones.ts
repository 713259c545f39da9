// What the states of accounts and requests look like; one place, so that every page says them alike.

import type { RequestView } from '../../shared/requests.ts';
import type { Standing } from '../../shared/routing.ts';
import type { AccountState } from '../../shared/views.ts';
import type { Tone } from './state-mark.tsx';

/** Green only for what was proved lately. */
export const ACCOUNT_TONES: Record<AccountState, Tone> = {
  ready: 'good',
  untested: 'idle',
  attention: 'warning',
  resting: 'rest',
  failed: 'bad',
};

/** A request that is over and well is quiet: it is the common case. */
export const REQUEST_TONES: Record<RequestView['state'], Tone> = {
  running: 'busy',
  ok: 'good',
  failed: 'bad',
  aborted: 'idle',
};

/** Whether an account could be asked at once. */
export const STANDING_TONES: Record<Standing, Tone> = {
  ready: 'good',
  busy: 'busy',
  resting: 'rest',
  failed: 'bad',
};
