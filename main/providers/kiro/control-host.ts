// One call to Kiro's control plane. Which of its hosts and forms are asked, and in which order, is decided elsewhere.
import { GatewayError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { HttpClient } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import type { KiroAccess } from './access.ts';
import type { KiroClient } from './endpoints.ts';
import { ID, readJsonObject } from './formats.ts';
import { writeControlHeaders } from './headers.ts';

/** What is asked of whom. */
export interface ControlCall {
  /** The operation, for errors. */
  readonly name: string;
  readonly url: string;
  /** `x-amz-target`, where the address does not name the operation. */
  readonly target?: string;
  /** Sent as JSON; without one it is a `GET`. */
  readonly body?: object;
  readonly client: KiroClient;
  /** Without a fingerprint before the account has one. */
  readonly access: Pick<KiroAccess, 'kind' | 'token'> & Partial<Pick<KiroAccess, 'fingerprint'>>;
  readonly credential: Pick<Credential, 'account' | 'proxy'>;
  readonly signal: AbortSignal;
  /** How long the host may take to answer, and may be silent. */
  readonly limitMs: number;
}

const ANSWER_BYTES = 4 * 1024 ** 2;

/** The answer. Throws `GatewayError` with the host's own words, and for whatever is no JSON object. */
export async function callControl(http: HttpClient, call: ControlCall): Promise<Readonly<Record<string, unknown>>> {
  const { name, url, target, body, client, access, credential, signal, limitMs } = call;
  const response = await http.open({
    method: body === undefined ? 'GET' : 'POST',
    url,
    headers: {
      ...writeControlHeaders(access, credential.account, client, target),
      ...(body === undefined || target !== undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    proxy: credential.proxy,
    firstByteMs: limitMs,
    idleMs: limitMs,
  });
  const text = await response.text(ANSWER_BYTES);
  const { status } = response;
  if (status < 200 || status > 299) throw readErrorAnswer(response, text, ID);
  const answer = readJsonObject(text);
  if (answer !== undefined) return answer;
  const message = `Kiro answered ${name} with something that is no JSON object.`;
  throw new GatewayError('upstream', message, { provider: ID, status });
}
