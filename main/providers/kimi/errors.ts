// What Kimi's refusals mean: its own type says more than its status, as several kinds of refusal share one. Where it tells how
// long to wait, in whatever place, the client hears it.
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import { ID } from './options.ts';

interface Verdict {
  readonly kind?: ErrorKind;
  readonly code?: string;
  readonly retryable?: boolean;
  /** What the person can do about it. */
  readonly advice?: string;
}

/** The first that fits counts: a type as the upstream names it, or its words. */
const VERDICTS: readonly (readonly [status: number, pattern: RegExp, verdict: Verdict])[] = [
  [400, /content_filter|high risk/i, { code: 'content_filter' }],
  [400, /total message size/i, { kind: 'too-large' }],
  [
    400,
    /exceeded model token limit|input token length too long|tokens? (limit|length)/i,
    { code: 'context_length_exceeded' },
  ],
  [401, /./, { advice: 'Keys of platform.kimi.ai, platform.kimi.com and Kimi Code each work at their own base only.' }],
  [
    404,
    /url\.not_found/,
    { advice: 'The base URL holds no API; it has to end as the service’s own does, mostly in /v1.' },
  ],
  [402, /./, { kind: 'quota-exhausted' }],
  [
    403,
    /coding agents/i,
    { advice: 'The coding plan may be used by the programs that Kimi allows; Patchbay does not pose as one.' },
  ],
  [403, /balance|quota|billing.cycle|limit/i, { kind: 'quota-exhausted' }],
  [
    429,
    /exceeded_current_quota|insufficient balance|(monthly|weekly|period|billing.cycle)[\w -]*(limit|quota)/i,
    { kind: 'quota-exhausted' },
  ],
  [429, /engine_overloaded|overloaded/i, { kind: 'overloaded' }],
  [499, /./, { kind: 'aborted', retryable: false }],
  [500, /./, { kind: 'upstream', retryable: true }],
  [503, /./, { kind: 'overloaded' }],
];

/** The error that a refusal stands for. */
export function readKimiRefusal(response: Pick<UpstreamResponse, 'status' | 'headers'>, text: string): GatewayError {
  const plain = readErrorAnswer(response, text, ID);
  const { status, headers } = response;
  const words = `${plain.code ?? ''} ${plain.message} ${readType(text)}`;
  const verdict = VERDICTS.find(([code, pattern]) => code === status && pattern.test(words))?.[2] ?? {};
  const kind = verdict.kind ?? plain.kind;
  const trace = headers['x-trace-id'];
  const message = [
    verdict.advice === undefined ? plain.message : plain.message.replace(/(?<![.!?])$/, '.'),
    ...(verdict.advice === undefined ? [] : [verdict.advice]),
    ...(status >= 500 && typeof trace === 'string' ? [`(trace ${trace})`] : []),
  ].join(' ');
  const waits = kind === 'rate-limited' || kind === 'overloaded' || kind === 'upstream';
  return new GatewayError(kind, message, {
    status,
    code: verdict.code ?? plain.code,
    param: plain.param,
    provider: ID,
    retryable: verdict.retryable ?? (kind === 'quota-exhausted' ? false : undefined),
    retryAfterMs: plain.retryAfterMs ?? (waits ? readWait(headers, plain.message) : undefined),
  });
}

/** The type stands beside a code in some answers and is then the truer of the two. */
function readType(text: string): string {
  return /"type"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? '';
}

/** The wait in words ("please try again after 3 seconds") or in the header of the limit. */
function readWait(headers: UpstreamResponse['headers'], message: string): number | undefined {
  const said = /after (\d+(?:\.\d+)?) ?s(?:ec|\b)/i.exec(message)?.[1];
  const reset = headers['x-ratelimit-reset'];
  const seconds = Number(said ?? (typeof reset === 'string' && reset !== '' ? reset : Number.NaN));
  // A moment in time instead of a span tells nothing that can be trusted without knowing its clock.
  return Number.isFinite(seconds) && seconds >= 0 && seconds < 86_400 ? seconds * 1000 : undefined;
}
