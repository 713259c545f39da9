// One call to an account's upstream with a sign-in that holds: renewed once where the host refuses it. Reads no answers but
// refusals.
import type { HttpClient, UpstreamResponse } from '../../http/client.ts';
import type { CallContext } from '../context.ts';
import type { UpstreamLimits } from '../provider.ts';
import { readRefusal } from './errors.ts';
import type { Sessions } from './sessions.ts';
import { METHODS } from './sign-in.ts';
import type { Upstream } from './upstreams.ts';

/** What is asked for. */
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly accept: string;
  readonly body?: string;
  readonly limits: UpstreamLimits;
}

/** Resolves with any answer but a 401 that a new sign-in mends. Throws `GatewayError` where there is none. */
export type OpenCall = (upstream: Upstream, call: Call, context: CallContext) => Promise<UpstreamResponse>;

/** The way to the upstreams. */
export function createOpenCall({ http, sessions }: { http: HttpClient; sessions: Sessions }): OpenCall {
  return async (upstream, { method, url, accept, body, limits }, context) => {
    const { account, secrets, proxy } = context.credential;
    const send = (secret: string | undefined) => {
      const headers = { ...upstream.writeHeaders(account, secret), accept };
      return http.open({
        method,
        url,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        body,
        signal: context.signal,
        proxy,
        ...limits,
      });
    };
    if (account.method === METHODS.guest) return await send(undefined);
    if (account.method === METHODS.key) return await send(secrets.key?.trim());
    const token = await sessions.open(context);
    const response = await send(token);
    if (response.status !== 401 || account.method !== METHODS.password) return response;
    await response.text().catch(() => '');
    return await send(await sessions.open(context, token));
  };
}

/** The text of a 2xx answer. Throws `GatewayError` for any other. */
export async function readAccepted(response: UpstreamResponse): Promise<string> {
  const text = await response.text();
  if (response.status < 200 || response.status > 299) throw readRefusal(response, text);
  return text;
}
