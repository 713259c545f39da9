// What K2-Think's refusals mean, with its own words kept.
import { GatewayError } from '../../canonical/errors.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import { ID } from './hosts.ts';

/** The error that an answer other than 2xx stands for. */
export function readRefusal(response: Pick<UpstreamResponse, 'status' | 'headers'>, text: string): GatewayError {
  const error = readErrorAnswer(response, text, ID);
  const { status, headers } = response;
  const { code, param, retryAfterMs } = error;
  const details = { status, code, param, retryAfterMs, provider: ID };
  if (/^\s*<(!doctype|html)/i.test(text) && (status === 403 || status === 503 || headers['cf-mitigated'])) {
    const message = `K2-Think's doorkeeper (Cloudflare) turned this machine away with HTTP ${status} and a web page. Try again later, or use an API key.`;
    return new GatewayError(status === 503 ? 'overloaded' : 'forbidden', message, details);
  }
  if (/model[^.]{0,80}not found|not found[^.]{0,20}model/i.test(error.message)) {
    return new GatewayError('not-found', error.message, { ...details, code: code ?? 'model_not_found' });
  }
  return error;
}

/** What an error within a body with status 200 means. */
export function readErrorIn(value: unknown): GatewayError {
  const error = readErrorAnswer({ status: 502, headers: {} }, JSON.stringify(value), ID);
  const { message, code } = error;
  const limited = /rate.?limit|too many requests/i.test(`${code} ${message}`);
  const busy = /overload|capacity|busy/i.test(`${code} ${message}`);
  const gone = /session has expired|token is invalid|not authenticated/i.test(message);
  const kind = gone ? 'unauthorized' : limited ? 'rate-limited' : busy ? 'overloaded' : 'upstream';
  return new GatewayError(kind, message, { provider: ID, code });
}
