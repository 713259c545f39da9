// Calls to upstreams: pooled per origin for the life of the process, streamed with back-pressure, stopped by a signal.
// Built on undici's dispatch, not on fetch: one buffer in, buffers out, nothing in between. Nothing else calls upstreams, so
// that nothing passes a proxy by.
import type { Dispatcher } from 'undici';
import { GatewayError } from '../canonical/errors.ts';
import { createChunkQueue } from './chunk-queue.ts';
import { decodeBody } from './decode-body.ts';
import { readConnectionError } from './errors.ts';
import { writeRefusedLogin } from './proxy-trouble.ts';
import { createRoutes, type Routes } from './routes.ts';

/** One request to an upstream. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent whole, with its length. */
  readonly body?: string | Buffer;
  readonly signal: AbortSignal;
  /**
   * The proxy to go through, with its password (`credential.proxy`); undefined for none. This machine is never asked through
   * one. There is no default, so that nobody forgets it.
   */
  readonly proxy: string | undefined;
  /** How long the upstream may take to its first byte, in milliseconds. */
  readonly firstByteMs: number;
  /** How long it may pause within its answer, in milliseconds. */
  readonly idleMs: number;
}

/** An upstream's answer, its head read and its body waiting. */
export interface UpstreamResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * The body as it comes, decoded, once. Stopping early closes the connection. Throws `GatewayError` when it breaks off.
   */
  readonly chunks: AsyncIterable<Buffer>;
  /** The body as text; throws `GatewayError` where it is longer than `limitBytes` (default 16 MB). */
  text(limitBytes?: number): Promise<string>;
}

/** The pools of all upstream connections. */
export interface HttpClient {
  /** Resolves when the head of the answer is there, whatever its status. Throws `GatewayError` where there is none. */
  open(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Closes every connection, running or not. */
  close(): Promise<void>;
}

/** What a reader that never takes its chunks may hold up before the upstream's socket is paused, in bytes. */
const HIGH_WATER_BYTES = 256 * 1024;
const TEXT_LIMIT_BYTES = 16 * 1024 ** 2;
/** A little less than the five seconds after which many servers close an idle connection. */
const KEEP_ALIVE_MS = 4_000;
const CONNECT_TIMEOUT_MS = 15_000;
/** A proxy has to find and reach the host first. */
const TUNNEL_TIMEOUT_MS = 30_000;

/** A client whose connections live until `close`. */
export function createHttpClient(limits: { readonly reachMs?: number; readonly openMs?: number } = {}): HttpClient {
  const { reachMs = CONNECT_TIMEOUT_MS, openMs = TUNNEL_TIMEOUT_MS } = limits;
  const routes = createRoutes({ keepAliveMs: KEEP_ALIVE_MS, reachMs, openMs });
  return {
    open: async (request) => open(routes, request),
    close: routes.close,
  };
}

function open(routes: Routes, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { signal } = request;
  if (signal.aborted) return Promise.reject(readAbort(signal));
  const url = readUrl(request.url);
  const { agent, origin, path, headers: wayHeaders, proxy, release } = routes.take(url, request.proxy);
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let answering = false;
    const abort = () => {
      const error = readAbort(signal);
      controller?.abort(error);
      reject(error);
    };
    const finish = () => {
      release();
      signal.removeEventListener('abort', abort);
    };
    const queue = createChunkQueue({
      highWaterBytes: HIGH_WATER_BYTES,
      pause: () => controller?.pause(),
      resume: () => controller?.resume(),
      cancel: () => {
        finish();
        controller?.abort(new GatewayError('aborted', 'The answer was no longer wanted.'));
      },
    });
    signal.addEventListener('abort', abort, { once: true });
    agent.dispatch(
      {
        origin,
        path,
        method: request.method,
        headers: { 'accept-encoding': 'identity', ...request.headers, ...wayHeaders },
        body: request.body,
        headersTimeout: request.firstByteMs,
        bodyTimeout: request.idleMs,
      },
      {
        onRequestStart: (started) => {
          controller = started;
          if (signal.aborted) started.abort(readAbort(signal));
        },
        onResponseStart: (started, status, headers) => {
          if (status < 200) return;
          if (proxy !== undefined && status === 407) return started.abort(writeRefusedLogin(proxy, 'HTTP 407'));
          answering = true;
          resolve(createResponse(status, headers, queue.chunks));
        },
        onResponseData: (_controller, chunk) => queue.push(chunk),
        onResponseEnd: () => {
          finish();
          queue.end();
        },
        onResponseError: (_controller, error) => {
          finish();
          const read = signal.aborted ? readAbort(signal) : readConnectionError(error, url, answering);
          reject(read);
          queue.fail(read);
        },
      },
    );
  });
}

function createResponse(
  status: number,
  headers: UpstreamResponse['headers'],
  raw: AsyncIterable<Buffer>,
): UpstreamResponse {
  const chunks = decodeBody(raw, headers['content-encoding']);
  return { status, headers, chunks, text: (limitBytes = TEXT_LIMIT_BYTES) => readText(chunks, limitBytes) };
}

async function readText(chunks: AsyncIterable<Buffer>, limitBytes: number): Promise<string> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes)
      throw new GatewayError('upstream', `The upstream's answer is longer than ${limitBytes} bytes.`);
    read.push(chunk);
  }
  return Buffer.concat(read).toString('utf8');
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new GatewayError('invalid-request', `This account's address is not a URL: ${text}`, { cause });
  }
}

function readAbort(signal: AbortSignal): GatewayError {
  if (signal.reason instanceof GatewayError) return signal.reason;
  return new GatewayError('aborted', 'The client hung up.', { cause: signal.reason });
}
