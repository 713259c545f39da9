// How every call to an OpenAI-shaped upstream is made: one POST, asked again where the upstream refuses an option that can
// do without, and its answer read as a stream or whole. Knows no body and no provider.
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { EventBatch, EventStream } from '../../canonical/events.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import type { CallContext, SingleContext } from '../context.ts';
import type { ProviderServices } from '../provider.ts';
import { meterAnswer } from './rate-limits.ts';

/** What one OpenAI-shaped upstream is reached with. */
export interface Upstream {
  /** Base URL with its version part and without a slash at the end: `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the kit needs of a provider. */
export interface OpenAiOptions {
  /** The provider's id, for errors. */
  readonly provider: string;
  /** Where and how to reach the account's upstream. Throws `GatewayError` where the account is incomplete. */
  readonly upstream: (context: CallContext) => Upstream;
  /** What a refusal means; by default what its status and the usual fields say. */
  readonly readRefusal?: (response: Pick<UpstreamResponse, 'status' | 'headers'>, text: string) => GatewayError;
}

/** Writes a body; `streamUsage` says whether this upstream takes `stream_options`. */
export type WriteBody = (streamUsage: boolean) => string;

/** One call. */
export interface Post {
  /** What follows the base URL. */
  readonly path: string;
  /** A stream is wanted. */
  readonly live: boolean;
  readonly write: WriteBody;
  /** Another body to try where the upstream refuses the first; undefined where the refusal is final. Asked once. */
  readonly rewrite?: (status: number, text: string) => WriteBody | undefined;
  /** What the upstream cannot do where the path does not exist; such a refusal becomes `unsupported`. */
  readonly ability?: string;
}

/** Makes calls. Resolves with a 2xx answer only; throws `GatewayError` for any other. */
export type PostToUpstream = (post: Post, context: SingleContext) => Promise<UpstreamResponse>;

/** The way to one kind of OpenAI-shaped upstream. */
export function createOpenAiPost(
  { http, limits }: Pick<ProviderServices, 'http' | 'limits'>,
  { provider, upstream, readRefusal = (response, text) => readErrorAnswer(response, text, provider) }: OpenAiOptions,
): PostToUpstream {
  /** URLs that refused `stream_options`; asked without it from then on. */
  const withoutStreamUsage = new Set<string>();

  return async ({ path, live, write: firstWrite, rewrite: firstRewrite, ability }, context) => {
    const { baseUrl, headers } = upstream(context);
    const url = baseUrl + path;
    let write = firstWrite;
    let rewrite = firstRewrite;
    for (;;) {
      const streamUsage = !withoutStreamUsage.has(url);
      const response = await http.open({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          accept: live ? 'text/event-stream' : 'application/json',
          ...headers,
        },
        body: write(streamUsage),
        signal: context.signal,
        proxy: context.credential.proxy,
        ...limits(),
      });
      meterAnswer(response, context);
      const { status } = response;
      if (status >= 200 && status <= 299) return response;
      const text = await response.text();
      if (live && streamUsage && status < 500 && text.includes('stream_options')) {
        withoutStreamUsage.add(url);
        context.note('This upstream does not tell the usage of a stream; asked again without it.');
        continue;
      }
      const next = rewrite?.(status, text);
      if (next === undefined) {
        const error = readRefusal(response, text);
        throw ability !== undefined && isMissingPath(error) ? createUnsupported(error, path, ability) : error;
      }
      write = next;
      rewrite = undefined;
    }
  };
}

/** A 404 that speaks of the model means the model; any other means the path. */
function isMissingPath({ status, code = '', message }: GatewayError): boolean {
  if (status === 405 || status === 501) return true;
  return status === 404 && !/model/i.test(`${code} ${message}`);
}

function createUnsupported({ status, provider }: GatewayError, path: string, ability: string): GatewayError {
  const message = `This upstream cannot ${ability}: it answers HTTP ${status} at ${path}. Ask for a model of an account that can.`;
  return new GatewayError('unsupported', message, { provider, param: 'model' });
}

/** The body as JSON. Throws `GatewayError` (`upstream`) where it is no object. */
export async function readJsonAnswer<Body extends object>(
  response: UpstreamResponse,
  limitBytes: number,
  provider: string,
): Promise<Partial<Body>> {
  const text = await response.text(limitBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('upstream', `The upstream sent something that is not JSON: ${text.slice(0, 200)}`, {
      provider,
      cause,
    });
  }
  if (typeof body === 'object' && body !== null) return body as Partial<Body>;
  throw new GatewayError('upstream', `The upstream sent something that is no answer: ${text.slice(0, 200)}`, {
    provider,
  });
}

/** A count that the upstream told; some say null, or anything else, where they count nothing. */
export function readCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** What reads one answer in either form. */
export interface AnswerReaders {
  createStreamReader(): {
    push(chunk: Buffer): EventBatch;
    end(): EventBatch;
    readonly ended: boolean;
  };
  readWhole(text: string): EventBatch;
}

/** The events of an answer; what breaks it off after its head is an `error` event. */
export async function* readAnswer(
  response: UpstreamResponse,
  live: boolean,
  { createStreamReader, readWhole }: AnswerReaders,
): EventStream {
  // Some servers answer in one piece although a stream was asked for.
  if (!isEventStream(response, live)) {
    yield readWhole(await response.text());
    return;
  }
  const reader = createStreamReader();
  try {
    for await (const chunk of response.chunks) {
      const batch = reader.push(chunk);
      if (batch.length > 0) yield batch;
      if (reader.ended) return;
    }
  } catch (error) {
    yield [{ type: 'error', error: readError(error) }];
    return;
  }
  const rest = reader.end();
  if (rest.length > 0) yield rest;
}

function isEventStream(response: UpstreamResponse, asked: boolean): boolean {
  const type = String(response.headers['content-type'] ?? '');
  if (type.startsWith('text/event-stream')) return true;
  return asked && !type.startsWith('application/json') && !type.startsWith('text/html');
}
