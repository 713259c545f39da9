// The points that an account has left. Asking spends none.
import type { Quota } from '../../../shared/quota.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import type { CallContext } from '../context.ts';
import { ID, readPoeAccount } from './account.ts';
import { parseJson, readFields, readNumber } from './formats.ts';

const TIMEOUT_MS = 20_000;
const UNIT = 'points';

/** Asks for the balance. Throws `GatewayError`. */
export async function askBalance(http: HttpClient, { credential, signal }: CallContext): Promise<Quota> {
  const { rest, key, proxy } = readPoeAccount(credential);
  const response = await http.open({
    method: 'GET',
    url: `${rest}/usage/current_balance`,
    headers: { accept: 'application/json', authorization: `Bearer ${key}` },
    signal,
    proxy,
    firstByteMs: TIMEOUT_MS,
    idleMs: TIMEOUT_MS,
  });
  const text = await response.text();
  if (response.status !== 200) throw readErrorAnswer(response, text, ID);
  return readBalance(text);
}

/** The balance in an answer: all points, and where Poe tells, which of them are the plan's and which were bought. */
export function readBalance(text: string): Quota {
  const body = readFields(parseJson(text));
  const total = readNumber(body.current_point_balance);
  if (total === undefined) throw new GatewayError('upstream', 'Poe did not tell the balance.', { provider: ID });
  const parts = [
    ['Of the plan', body.plan_points_balance],
    ['Add-on', body.addon_point_balance],
  ] as const;
  const known = parts.flatMap(([label, value]) => {
    const left = readNumber(value);
    return left === undefined ? [] : [{ label, left, unit: UNIT }];
  });
  return { meters: [], balances: [{ label: 'Balance', left: total, unit: UNIT }, ...known] };
}
