// What is left of an account: money on the platform, the plan's share with Kimi Code. Engines of the person's own tell nothing.
import type { Quota, QuotaMeter } from '../../../shared/quota.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import type { CallContext } from '../context.ts';
import { readKimiRefusal } from './errors.ts';
import { ID, readKimiAccount } from './options.ts';
import { readUpstream } from './upstream.ts';

type Fields = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 20_000;

/** Asks what is left; spends nothing. Throws `GatewayError`. */
export async function askQuota(http: HttpClient, context: CallContext): Promise<Quota> {
  const { region } = readKimiAccount(context.credential);
  if (region === undefined) return { meters: [] };
  if (region === 'code') return readUsages(await ask(http, '/usages', context));
  return readBalance(await ask(http, '/users/me/balance', context), region === 'china' ? 'CNY' : 'USD');
}

async function ask(http: HttpClient, path: string, context: CallContext): Promise<Fields> {
  const { baseUrl, headers } = readUpstream(context);
  const response = await http.open({
    method: 'GET',
    url: baseUrl + path,
    headers: { accept: 'application/json', ...headers },
    signal: context.signal,
    proxy: context.credential.proxy,
    firstByteMs: TIMEOUT_MS,
    idleMs: TIMEOUT_MS,
  });
  const text = await response.text();
  if (response.status < 200 || response.status > 299) throw readKimiRefusal(response, text);
  try {
    const body: unknown = JSON.parse(text);
    if (isFields(body)) return body;
  } catch {
    // Told below.
  }
  throw new GatewayError('upstream', 'Kimi’s answer about what is left has an unknown form.', { provider: ID });
}

/** The balance; it may be negative, and vouchers are part of it. */
export function readBalance({ data }: Fields, unit: string): Quota {
  const { available_balance: amount, cash_balance: cash, voucher_balance: vouchers } = isFields(data) ? data : {};
  if (typeof amount !== 'number') return { meters: [] };
  const parts = [
    ...(typeof cash === 'number' ? [{ label: 'Of it cash', left: cash, unit }] : []),
    ...(typeof vouchers === 'number' ? [{ label: 'Of it vouchers', left: vouchers, unit }] : []),
  ];
  return { meters: [], balances: [{ label: 'Balance', left: amount, unit }, ...(parts.length > 1 ? parts : [])] };
}

/** The shares of the coding plan: the whole of it, then each window. */
export function readUsages({ usage, limits }: Fields): Quota {
  const windows = Array.isArray(limits) ? limits.filter(isFields) : [];
  const meters = [
    isFields(usage) ? readMeter('Plan', usage) : undefined,
    ...windows.map(({ window, detail, ...own }) =>
      readMeter(isFields(window) ? nameWindow(window) : 'Limit', isFields(detail) ? detail : own),
    ),
  ];
  return { meters: meters.filter((meter) => meter !== undefined), plan: 'Kimi Code' };
}

function readMeter(label: string, fields: Fields): QuotaMeter | undefined {
  const limit = readAmount(fields.limit);
  const remaining = readAmount(fields.remaining);
  const used =
    readAmount(fields.used) ?? (limit === undefined || remaining === undefined ? undefined : limit - remaining);
  if (limit === undefined || used === undefined) return undefined;
  const time = Date.parse(String(fields.resetTime ?? fields.reset_time ?? ''));
  return { label, used, limit, ...(Number.isNaN(time) ? {} : { resetsAt: time }) };
}

/** `{ duration: 300, timeUnit: "TIME_UNIT_MINUTE" }` is "5 hours". */
function nameWindow({ duration, timeUnit }: Fields): string {
  const count = readAmount(duration);
  const unit = String(timeUnit ?? '')
    .replace(/^TIME_UNIT_/, '')
    .toLowerCase()
    .replace(/s$/, '');
  if (count === undefined || unit === '') return 'Limit';
  const [shown, name] = unit === 'minute' && count % 60 === 0 ? [count / 60, 'hour'] : [count, unit];
  return shown === 1 ? `Each ${name}` : `Each ${shown} ${name}s`;
}

/** Counts come as numbers and as texts. */
function readAmount(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
