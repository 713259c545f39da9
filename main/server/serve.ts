// The same steps for every face and every request: read, converse, write with the client's pace, stop when it leaves.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from '../../shared/settings.ts';
import { collect } from '../canonical/collect.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { EventBatch, EventStream } from '../canonical/events.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ConverseRoute, Exchange, Protocol, ReplyHead, StreamWriter } from '../protocols/protocol.ts';
import type { RequestLog, RequestRecord } from '../request-log/request-log.ts';
import type { Logger } from '../util/logger.ts';
import { readClientName } from './client-name.ts';
import { readBody } from './read-body.ts';
import type { RunningRequests } from './running.ts';
import type { SilenceWatch } from './silence.ts';

/** What serving needs. */
export interface ServeServices {
  readonly gateway: Gateway;
  readonly log: RequestLog;
  readonly logger: Logger;
  readonly settings: () => Settings;
  readonly silence: SilenceWatch;
  /** Every running request, so that a stop can wait for them or end them. */
  readonly running: RunningRequests;
}

/** One request on its way. */
export interface Visit {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Name of the client key that opened the door. */
  readonly key: string | undefined;
}

/** Serves one request to a `converse` route; the outcome, good or bad, is written to the response and to the log. */
export async function serveConverse(
  protocol: Protocol,
  route: ConverseRoute,
  visit: Visit,
  services: ServeServices,
): Promise<void> {
  const { request, response } = visit;
  const startedAt = performance.now();
  const at = Date.now();
  const client = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) client.abort(new GatewayError('aborted', 'The client hung up.'));
  });
  services.running.add(client);
  let record: RequestRecord | undefined;
  const openRecord = (exchange?: Exchange) => {
    record = services.log.open({
      id: visit.id,
      at,
      client: readClientName(request.headers['user-agent']),
      key: visit.key,
      dialect: protocol.id,
      stream: exchange?.stream ?? false,
      modelAsked: exchange?.conversation.model ?? '',
    });
    return record;
  };
  try {
    const exchange = route.readRequest(await readJson(request, services.settings().bodyLimitBytes), request.headers);
    const opened = openRecord(exchange);
    for (const text of exchange.notes ?? []) opened.note(text);
    const events = services.gateway.converse(exchange.conversation, {
      requestId: visit.id,
      signal: client.signal,
      live: exchange.stream,
      record: opened,
      startedAt,
    });
    const head: ReplyHead = {
      requestId: visit.id,
      model: exchange.conversation.model,
      createdAt: Math.floor(at / 1000),
    };
    if (exchange.stream)
      await writeStream(events, exchange.openStream(head), protocol, visit, opened, client, services);
    else {
      const reply = await collect(events);
      writeJson(response, 200, exchange.writeReply(reply, head), nameRequest(protocol, visit));
      opened.update({ status: 200 });
    }
    opened.close('ok');
  } catch (thrown) {
    const error = client.signal.aborted ? readError(client.signal.reason) : readError(thrown);
    if (error.kind === 'internal') services.logger.error('A request failed inside Patchbay.', { id: visit.id, error });
    closeFailed(record ?? openRecord(), error, refuse(protocol, visit, error));
  } finally {
    services.running.delete(client);
  }
}

/** The headers by which a client can name the request, so that a person finds it in the log. */
export function nameRequest({ requestIdHeader }: Protocol, { id }: Visit): Record<string, string> {
  return requestIdHeader === undefined ? { 'x-request-id': id } : { 'x-request-id': id, [requestIdHeader]: id };
}

function closeFailed(record: RequestRecord, error: GatewayError, status: number | undefined): void {
  record.update({ status, errorKind: error.kind, errorText: error.message });
  record.close(error.kind === 'aborted' ? 'aborted' : 'failed');
}

/** Writes `error` in the client's shape; returns the status that went out, or undefined where none could any more. */
export function refuse(protocol: Protocol, visit: Visit, error: GatewayError): number | undefined {
  const { id, response, request } = visit;
  if (response.headersSent) return response.statusCode;
  if (response.destroyed) return undefined;
  const { status, headers, body } = protocol.writeError(error, id);
  const head = { ...headers, ...nameRequest(protocol, visit) };
  if (request.complete) writeJson(response, status, body, head);
  else {
    response.write(writeJsonHead(response, status, body, { ...head, connection: 'close' }));
    discardRest(request, () => response.end());
  }
  return status;
}

/** How long a client may go on sending a body that was refused, so that it reads the refusal instead of a reset. */
const DISCARD_MS = 5_000;

/** `done` is what closes the connection: too early, and what the client still sends turns our answer into a reset. */
function discardRest(request: IncomingMessage, done: () => void): void {
  request.resume();
  const timer = setTimeout(() => request.destroy(), DISCARD_MS);
  timer.unref();
  request.on('close', () => {
    clearTimeout(timer);
    done();
  });
}

/** The body as JSON. Throws `GatewayError` where it is none or too large. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const body = await readBody(request, limitBytes);
  if (body.length === 0) throw new GatewayError('invalid-request', 'The request has no body; a JSON object is needed.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new GatewayError('invalid-request', `The body is not valid JSON: ${reason}`, { cause });
  }
}

/** Writes a whole JSON answer. */
export function writeJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.end(writeJsonHead(response, status, body, headers));
}

/** Writes the head only; returns the body's bytes. */
function writeJsonHead(response: ServerResponse, status: number, body: unknown, headers: object): Buffer {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    ...headers,
  });
  return bytes;
}

/** Writes a whole answer of plain text. */
export function writeText(response: ServerResponse, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': bytes.length });
  response.end(bytes);
}

/**
 * Writes batches as they come, one write each, no faster than the client reads. The head goes out with the first frame,
 * so that a failure before it still has its true status; or with the first comment, when the upstream is slow.
 */
async function writeStream(
  events: EventStream,
  writer: StreamWriter,
  protocol: Protocol,
  visit: Visit,
  record: RequestRecord,
  client: AbortController,
  services: ServeServices,
): Promise<void> {
  const { response } = visit;
  const naming = nameRequest(protocol, visit);
  const start = () => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': writer.contentType, 'cache-control': 'no-cache', ...naming });
    record.update({ status: 200 });
  };
  const watched = {
    silentTicks: 0,
    blockedTicks: undefined as number | undefined,
    onSilence: () => {
      start();
      response.write(writer.keepAlive);
    },
    onStall: () => {
      client.abort(new GatewayError('aborted', 'The client stopped reading.'));
      response.destroy();
    },
  };
  const unwatch = services.silence.add(watched);
  let lastFrames: string | undefined;
  try {
    for await (const batch of events) {
      const text = writer.write(batch);
      const failed = findError(batch);
      if (failed !== undefined) {
        lastFrames = text;
        throw failed;
      }
      if (text === '') continue;
      start();
      watched.silentTicks = 0;
      if (!response.write(text)) {
        watched.blockedTicks = 0;
        await drained(response);
        watched.blockedTicks = undefined;
      }
    }
    response.end();
  } catch (thrown) {
    const error = client.signal.aborted ? readError(client.signal.reason) : readError(thrown);
    // Before the head is out the caller still answers with a true status.
    if (response.headersSent) breakOff(response, lastFrames ?? writer.write([{ type: 'error', error }]));
    throw error;
  } finally {
    unwatch();
  }
}

/** How long the last frames of a broken stream may take to leave. */
const BREAK_OFF_MS = 5_000;

/** Sends the last frames and then cuts the connection, so that no client takes a broken stream for a complete one. */
function breakOff(response: ServerResponse, frames: string): void {
  if (response.destroyed) return;
  response.socket?.setTimeout(BREAK_OFF_MS, () => response.destroy());
  response.write(frames, () => response.destroy());
}

function findError(batch: EventBatch): GatewayError | undefined {
  const last = batch.at(-1);
  return last?.type === 'error' ? last.error : undefined;
}

function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
