// Writes whole answers and refusals, and reads JSON bodies: what every way of serving a request needs.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../canonical/errors.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { readBody } from './read-body.ts';

/** One request on its way. */
export interface Visit {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Name of the client key that opened the door; undefined where none was needed. */
  readonly key: string | undefined;
}

/** Whose words an answer is written in: those of a dialect, or of another part of the door. */
export type Face = Pick<Protocol, 'id' | 'requestIdHeader' | 'writeError'>;

/** The headers by which a client can name the request, so that a person finds it in the log. */
export function nameRequest(
  { requestIdHeader }: Pick<Face, 'requestIdHeader'>,
  { id }: Pick<Visit, 'id'>,
): Record<string, string> {
  return requestIdHeader === undefined ? { 'x-request-id': id } : { 'x-request-id': id, [requestIdHeader]: id };
}

/** Writes `error` in the client's shape; returns the status that went out, or undefined where none could any more. */
export function refuse(face: Face, visit: Visit, error: GatewayError): number | undefined {
  const { id, response, request } = visit;
  if (response.headersSent) return response.statusCode;
  if (response.destroyed) return undefined;
  const { status, headers, body } = face.writeError(error, id);
  const head = { ...headers, ...nameRequest(face, visit) };
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

/** No client nests half as much; whoever goes through a body may then call itself for every level. */
const MOST_LEVELS = 500;

/** The body as JSON. Throws `GatewayError` where it is none, too large or too deep. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const body = await readBody(request, limitBytes);
  if (body.length === 0) throw new GatewayError('invalid-request', 'The request has no body; a JSON object is needed.');
  const value = parse(body.toString('utf8'));
  if (isDeeper(value, MOST_LEVELS)) {
    throw new GatewayError('invalid-request', `The body is nested too deeply: in more than ${MOST_LEVELS} levels.`);
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new GatewayError('invalid-request', `The body is not valid JSON: ${reason}`, { cause });
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((inner) => isDeeper(inner, levels - 1));
  for (const name in value) if (isDeeper((value as Readonly<Record<string, unknown>>)[name], levels - 1)) return true;
  return false;
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

/** Writes a whole answer that is a text. */
export function writeText(
  response: ServerResponse,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(text);
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}
