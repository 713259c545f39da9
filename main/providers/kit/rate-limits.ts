// Reads what an answer's headers say of limits: how fast an account may be asked, as OpenAI and Anthropic spell it, and the
// windows of a Claude plan. What is absent, or makes no sense, is left out; nothing is worked out.
import type { QuotaMeter } from '../../../shared/quota.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import type { SingleContext } from '../context.ts';

type Headers = UpstreamResponse['headers'];

const LABELS = {
  requests: 'Requests',
  tokens: 'Tokens',
  'input-tokens': 'Input tokens',
  'output-tokens': 'Output tokens',
} as const;

type Counted = keyof typeof LABELS;

/** Windows of a Claude plan by their names in headers and in the program's lines. */
const WINDOWS: Readonly<Record<string, string>> = {
  '5h': '5 hours',
  five_hour: '5 hours',
  '7d': '7 days',
  seven_day: '7 days',
  '7d_opus': '7 days, Opus',
  '7d-opus': '7 days, Opus',
  seven_day_opus: '7 days, Opus',
  '7d_sonnet': '7 days, Sonnet',
  '7d-sonnet': '7 days, Sonnet',
  seven_day_sonnet: '7 days, Sonnet',
};

/** No calendar goes further. */
const LAST_MOMENT = 8.64e15;

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Tells whoever asked what the headers of an answer, good or bad, say of the account's limits. */
export function meterAnswer({ headers }: Pick<UpstreamResponse, 'headers'>, { meter }: Pick<SingleContext, 'meter'>) {
  const meters = meter === undefined ? [] : readRateLimits(headers, Date.now());
  if (meters.length > 0) meter?.(meters);
}

/** All limits that the headers tell. */
export function readRateLimits(headers: Headers, nowMs: number): readonly QuotaMeter[] {
  // Most upstreams tell none.
  if (!tellsLimits(headers)) return [];
  const meters: QuotaMeter[] = [];
  for (const counted of Object.keys(LABELS) as Counted[]) {
    const meter =
      readRate(headers, counted, (part) => `anthropic-ratelimit-${counted}-${part}`, nowMs) ??
      readRate(headers, counted, (part) => `x-ratelimit-${part}-${counted}`, nowMs);
    if (meter !== undefined) meters.push(meter);
  }
  return [...meters, ...readPlanHeaders(headers)];
}

function tellsLimits(headers: Headers): boolean {
  for (const name in headers)
    if (name.startsWith('x-ratelimit-') || name.startsWith('anthropic-ratelimit-')) return true;
  return false;
}

function readRate(
  headers: Headers,
  counted: Counted,
  name: (part: 'limit' | 'remaining' | 'reset') => string,
  nowMs: number,
): QuotaMeter | undefined {
  const limit = readNumber(headers[name('limit')]);
  const remaining = readNumber(headers[name('remaining')]);
  if (limit === undefined || remaining === undefined || limit <= 0 || remaining < 0 || remaining > limit) return;
  const told = readReset(headers[name('reset')], nowMs);
  const resetsAt = told !== undefined && told <= LAST_MOMENT ? told : undefined;
  return {
    label: LABELS[counted],
    kind: 'rate',
    used: limit - remaining,
    limit,
    unit: counted === 'requests' ? 'requests' : 'tokens',
    ...(resetsAt === undefined ? {} : { resetsAt }),
  };
}

/** The windows of a subscription: `anthropic-ratelimit-unified-5h-utilization: 0.42`. */
function readPlanHeaders(headers: Headers): readonly QuotaMeter[] {
  const meters = new Map<string, QuotaMeter>();
  for (const name of Object.keys(headers)) {
    const id = /^anthropic-ratelimit-unified-(.+)-utilization$/.exec(name)?.[1];
    if (id === undefined) continue;
    const meter = readPlanWindow({
      id,
      share: readNumber(headers[name]),
      resetsAtS: readNumber(headers[`anthropic-ratelimit-unified-${id}-reset`]),
      isUsedUp: headers[`anthropic-ratelimit-unified-${id}-status`] === 'rejected',
      goesOn: headers['anthropic-ratelimit-unified-overage-in-use'] === 'true',
    });
    if (meter !== undefined) meters.set(meter.label, meter);
  }
  return [...meters.values()];
}

/** A window of a Claude plan as it is told. */
export interface PlanWindow {
  /** `5h`, `seven_day_opus`. */
  readonly id: string;
  /** Of the whole, 0 to 1, or more where use goes on beyond it. */
  readonly share: number | undefined;
  /** In seconds since 1970. */
  readonly resetsAtS: number | undefined;
  /** The upstream refuses, whatever the share is. */
  readonly isUsedUp: boolean;
  /** What goes beyond is answered and charged. */
  readonly goesOn: boolean;
}

/** The meter of a window; undefined for one that is not known, and where nothing is told of its use. */
export function readPlanWindow({ id, share, resetsAtS, isUsedUp, goesOn }: PlanWindow): QuotaMeter | undefined {
  const label = Object.hasOwn(WINDOWS, id) ? WINDOWS[id] : undefined;
  const told = share !== undefined && share >= 0 ? share * 100 : undefined;
  const used = isUsedUp ? Math.max(100, told ?? 100) : told;
  if (label === undefined || used === undefined) return undefined;
  return {
    label,
    // A share has four decimals at most; multiplying must not bring more.
    used: Math.round(used * 100) / 100,
    limit: 100,
    unit: '%',
    ...(resetsAtS !== undefined && resetsAtS > 0 && resetsAtS * 1000 <= LAST_MOMENT
      ? { resetsAt: resetsAtS * 1000 }
      : {}),
    ...(goesOn ? { goesOn: true } : {}),
  };
}

/** Durations (`6m0s`, `120ms`), seconds, seconds or milliseconds since 1970, and dates. */
export function readReset(value: Headers[string], nowMs: number): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const text = value.trim();
  const number = Number(text);
  if (Number.isFinite(number)) {
    if (number < 0) return undefined;
    if (number >= 1e11) return number;
    return number >= 1e9 ? number * 1000 : Math.ceil(nowMs + number * 1000);
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    return Math.ceil(parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS_MS[unit] ?? 0), nowMs));
  }
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function readNumber(value: Headers[string]): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
