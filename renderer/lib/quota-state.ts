// How a plan stands, for whatever shows it. Pure functions over what the gateway tells.
import type { QuotaForecast, QuotaMeter, QuotaView } from '../../shared/quota.ts';

/** `anew`: it has begun anew, and nobody has read it since. `beyond`: more than the plan has is answered, and charged. */
export type MeterState = 'fine' | 'low' | 'exhausted' | 'beyond' | 'anew';

/** From this share on a person may want to know before it is too late. */
const LOW_SHARE = 0.85;
/** So near an end is a reason, too. */
const SOON_MS = 3_600_000;

/** How a meter of a plan stands. */
export function readMeterState({ used, limit, goesOn, resetsAt, forecast }: QuotaMeter, now: number): MeterState {
  if (resetsAt !== undefined && resetsAt <= now) return 'anew';
  if (used >= limit) return goesOn ? 'beyond' : 'exhausted';
  return used >= limit * LOW_SHARE || endsSoon(forecast, now) ? 'low' : 'fine';
}

/** What the plan has left, apart from how fast it may be asked. */
export function listPlanMeters(quota: QuotaView | undefined): readonly QuotaMeter[] {
  return (quota?.meters ?? []).filter(({ kind }) => kind !== 'rate');
}

/** How fast the account may be asked. */
export function listRates(quota: QuotaView | undefined): readonly QuotaMeter[] {
  return (quota?.meters ?? []).filter(({ kind }) => kind === 'rate');
}

/** The meter that stands worst, where one gives reason to worry. */
export function findWorstMeter(quota: QuotaView | undefined, now: number): QuotaMeter | undefined {
  const meters = listPlanMeters(quota);
  const find = (state: MeterState) => meters.find((meter) => readMeterState(meter, now) === state);
  return find('exhausted') ?? find('low');
}

/** Whether what is left ends within the hour. */
export function endsSoon(forecast: QuotaForecast | undefined, now: number): boolean {
  const { emptyAt } = forecast ?? {};
  return emptyAt !== undefined && emptyAt > now && emptyAt - now <= SOON_MS;
}
