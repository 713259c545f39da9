// What is known of one account's quota: what was read, what answers told since, and how each meter went on. Values only: each
// function makes a new record, and none knows where records are kept.
import type { Quota, QuotaMeter, QuotaView } from '../../shared/quota.ts';
import { addReading, foresee, type History, hasBegunAnew, type Reading } from './quota-forecast.ts';

/** How one meter or balance went on in its present period. */
export interface Period extends History {
  /** How much was used when the person was told that it runs out. */
  readonly toldUsed?: number;
}

/** All that is kept of an account. */
export interface QuotaRecord {
  /** As the usage call told it last. */
  readonly quota?: Quota;
  /** When that was, in milliseconds since 1970; 0 for never. */
  readonly readAt: number;
  /** What answers told, each with its `toldAt`. */
  readonly learned: readonly QuotaMeter[];
  /** By the names of meters and balances. */
  readonly periods: Readonly<Record<string, Period>>;
  /** When a request failed as nothing was left, in milliseconds since 1970; absent where it went on since. */
  readonly exhaustedAt?: number;
}

/** Nothing is known. */
export const NO_RECORD: QuotaRecord = { readAt: 0, learned: [], periods: {} };

const DAY_MS = 24 * 3_600_000;
/** What was told so long ago is shown no more. */
const LONGEST_MS = { rate: DAY_MS, plan: 30 * DAY_MS };
/** A window that moves on falls a little again and again; below this share of what was told of, it is another matter. */
const SAME_SHARE = 0.9;

/** The name of a meter's period; undefined for one that has none. */
export function nameMeter({ label, kind }: Pick<QuotaMeter, 'label' | 'kind'>): string | undefined {
  return kind === 'rate' ? undefined : `meter:${label}`;
}

/** The name of a balance's period. */
export const nameBalance = (label: string) => `balance:${label}`;

/** Whether nothing is left of the meter, nothing beyond it is answered, and it has not begun anew since. */
export function isUsedUp({ kind, used, limit, resetsAt, goesOn }: QuotaMeter, now: number): boolean {
  return kind !== 'rate' && used >= limit && !goesOn && !(resetsAt !== undefined && resetsAt <= now);
}

/** The record after a usage call. */
export function takeQuota(record: QuotaRecord, told: Quota, at: number): QuotaRecord {
  const quota = { ...told, meters: told.meters.filter(hasSense) };
  const learned = record.learned.filter((meter) => !quota.meters.some((other) => isSame(meter, other)));
  let { periods } = record;
  for (const meter of quota.meters) periods = addTo(periods, nameMeter(meter), { ...meter, at });
  const [whole] = quota.balances ?? [];
  if (whole !== undefined) periods = addTo(periods, nameBalance(whole.label), { used: -whole.left, at });
  const names = new Set([
    ...[...quota.meters, ...learned].map(nameMeter),
    ...(whole === undefined ? [] : [nameBalance(whole.label)]),
  ]);
  periods = Object.fromEntries(Object.entries(periods).filter(([name]) => names.has(name)));
  return { ...record, quota, readAt: at, learned, periods };
}

/** The record after an answer that told these. */
export function takeMeters(record: QuotaRecord, told: readonly QuotaMeter[], at: number): QuotaRecord {
  let { learned, periods } = record;
  for (const meter of told.filter(hasSense)) {
    learned = [...learned.filter((other) => !isSame(meter, other)), { ...meter, toldAt: at }];
    periods = addTo(periods, nameMeter(meter), { ...meter, at });
  }
  return { ...record, learned, periods };
}

/** What to show of it now, with forecasts; undefined where nothing is known. */
export function viewRecord({ quota, readAt, learned, periods }: QuotaRecord, now: number): QuotaView | undefined {
  const fresh = learned.filter(({ kind, toldAt = 0 }) => now - toldAt <= LONGEST_MS[kind ?? 'plan']);
  if (quota === undefined && fresh.length === 0) return undefined;
  const read = (quota?.meters ?? []).map((meter) => {
    const newer = fresh.find((other) => isSame(meter, other));
    return newer === undefined ? meter : { ...meter, ...newer };
  });
  const others = fresh.filter((meter) => !read.some((other) => isSame(meter, other)));
  const meters = [...read, ...others].map((meter) => {
    const forecast = foreseePeriod(periods[nameMeter(meter) ?? ''], meter.limit, now);
    return forecast === undefined ? meter : { ...meter, forecast };
  });
  const balances = quota?.balances?.map((balance, index) => {
    const forecast = index > 0 ? undefined : foreseePeriod(periods[nameBalance(balance.label)], 0, now);
    return forecast === undefined ? balance : { ...balance, forecast };
  });
  const toldAt = Math.max(0, ...fresh.map((meter) => meter.toldAt ?? 0));
  return { ...quota, meters, ...(balances && { balances }), readAt: quota === undefined ? toldAt : readAt };
}

/**
 * Whether a later reading shows that there is something again, where there was nothing or less. Something that was there all
 * the time proves nothing: it may be too little for a request.
 */
export function hasReturned(before: Quota | undefined, after: Quota, now: number): boolean {
  if (before === undefined || isEmpty(after, now)) return false;
  if (isEmpty(before, Number.NEGATIVE_INFINITY)) return after.meters.length + (after.balances?.length ?? 0) > 0;
  const left = (quota: Quota) => [
    ...quota.meters
      .filter(({ kind }) => kind !== 'rate')
      .map(({ label, used, limit }) => [label, limit - used] as const),
    ...(quota.balances ?? []).slice(0, 1).map(({ label, left: amount }) => [label, amount] as const),
  ];
  const known = new Map(left(before));
  return left(after).some(([label, amount]) => amount > (known.get(label) ?? Number.POSITIVE_INFINITY));
}

function isEmpty({ meters, balances: [whole] = [] }: Quota, now: number): boolean {
  return meters.some((meter) => isUsedUp(meter, now)) || (whole !== undefined && whole.left <= 0);
}

function addTo(
  periods: QuotaRecord['periods'],
  name: string | undefined,
  { at, used, resetsAt }: Reading & { readonly resetsAt?: number | undefined },
): QuotaRecord['periods'] {
  if (name === undefined) return periods;
  const before = periods[name];
  const next = { at, used, ...(resetsAt !== undefined && resetsAt > at ? { resetsAt } : {}) };
  const history = addReading(before, next);
  const toldUsed = before === undefined || isOver(before, next) ? undefined : before.toldUsed;
  return { ...periods, [name]: { ...history, ...(toldUsed === undefined ? {} : { toldUsed }) } };
}

/** Whether what the person was told of is over. */
function isOver(period: Period, next: Reading & { readonly resetsAt?: number }): boolean {
  const { toldUsed = 0, resetsAt } = period;
  if (!hasBegunAnew(period, next)) return false;
  if (resetsAt !== undefined && resetsAt <= next.at) return true;
  return next.used < (toldUsed > 0 ? toldUsed * SAME_SHARE : toldUsed);
}

const foreseePeriod = (period: Period | undefined, limit: number, now: number) =>
  period === undefined ? undefined : foresee(period, limit, now);

/** A limit of nothing of which nothing is used is no limit. */
const hasSense = ({ used, limit }: QuotaMeter) =>
  Number.isFinite(used) && Number.isFinite(limit) && used >= 0 && limit >= 0 && used + limit > 0;

const isSame = (one: QuotaMeter, other: QuotaMeter) => one.label === other.label && one.kind === other.kind;
