// What an account's rests come to: whether it is held back, until when, and whether a person has to do something about it.
import type { RestView } from '../../shared/routing.ts';
import type { AccountView } from '../../shared/views.ts';
import { formatMoment } from './format.ts';
import type { useTexts } from './i18n.ts';

/** How long a person may let an account rest. */
export const REST_SPANS = ['hour', 'tomorrow', 'open'] as const;

/** One of them. */
export type RestSpan = (typeof REST_SPANS)[number];

const HOUR_MS = 3_600_000;

/** When such a rest ends, in milliseconds since 1970; undefined where only the person ends it. */
export function endOfRest(span: RestSpan, now = Date.now()): number | undefined {
  if (span === 'open') return undefined;
  if (span === 'hour') return now + HOUR_MS;
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}

/** Whether it, or one of its models, is asked last or not at all, so that a word of the person would change something. */
export function isHeldBack({ state, rests }: AccountView): boolean {
  return state === 'failed' || state === 'resting' || rests.length > 0;
}

/** The rest of the whole account that ends last. */
export function wholeRest({ rests }: AccountView): RestView | undefined {
  const end = ({ until }: RestView) => until ?? Number.POSITIVE_INFINITY;
  return rests
    .filter(({ model }) => model === undefined)
    .reduce<RestView | undefined>(
      (last, rest) => (last === undefined || end(rest) > end(last) ? rest : last),
      undefined,
    );
}

/** The state in a word or three: with the time where it rests. */
export function sayState(account: AccountView, now: number, t: ReturnType<typeof useTexts>): string {
  const until = account.state === 'resting' ? wholeRest(account)?.until : undefined;
  if (until === undefined || until <= now) return t(`accounts.${account.state}`);
  return t('accounts.restingUntil', { time: formatMoment(until, now) });
}
