// Who may come in: the checks of Host, Origin and key that stand before every request, on every port, and what browsers
// are told about pages that may.
import type { ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { GatewayError } from '../canonical/errors.ts';
import type { Protocol, RequestHeaders } from '../protocols/protocol.ts';

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Throws `GatewayError` (`forbidden`) for a request that a foreign web page could have made: one whose `Host` is a name
 * that does not belong to this machine (DNS rebinding), or whose `Origin` is another site that `isAllowed` does not know.
 * `boundHost` is where the door listens: beyond loopback, this machine's own name and plain addresses are taken too.
 * Gives the origin of an allowed page of another site, undefined for everybody else.
 */
export function checkAddress(
  headers: RequestHeaders,
  boundHost: string,
  isAllowed: (origin: string) => boolean = () => false,
): string | undefined {
  const host = headers.host;
  if (typeof host !== 'string' || !isOwnHost(readHostName(host), boundHost)) {
    const shown = typeof host === 'string' ? `"${host}"` : 'missing';
    throw new GatewayError(
      'forbidden',
      `The Host header (${shown}) does not name this machine. Use the base URL that Patchbay shows.`,
    );
  }
  const origin = headers.origin;
  if (origin !== undefined && origin !== `http://${host}`) {
    if (typeof origin === 'string' && isAllowed(origin)) return origin;
    throw new GatewayError(
      'forbidden',
      `Web pages of another origin (${origin}) may not use Patchbay. Its Settings can let an origin in.`,
    );
  }
  // A link to the GUI may be followed from anywhere; what a page loads without its reader seeing it may not.
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
    throw new GatewayError('forbidden', 'Other web pages may not use Patchbay.');
  }
  return undefined;
}

const ALLOWED_METHODS = 'GET, HEAD, POST, DELETE';
/** What a page may read of an answer besides its body. */
const EXPOSED_HEADERS = [
  'x-request-id',
  'request-id',
  'retry-after',
  'x-should-retry',
  'x-patchbay-estimate',
  'x-patchbay-account',
  'x-patchbay-model',
  'x-session-id',
  'x-project-id',
].join(', ');
/** The longest that every browser honours; a page whose origin is taken off the list is refused at its request anyway. */
const PREFLIGHT_SECONDS = '7200';

/** Lets the browser hand whatever is answered to the page of this origin. */
export function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  response.setHeader('vary', 'Origin');
}

/** Answers a browser that asks, before the request itself and without its key, whether a page may make it. */
export function answerPreflight(response: ServerResponse, headers: RequestHeaders): void {
  const wanted = headers['access-control-request-headers'];
  response.setHeader('access-control-allow-methods', ALLOWED_METHODS);
  if (typeof wanted === 'string') response.setHeader('access-control-allow-headers', wanted);
  if (headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true');
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  response.writeHead(204);
  response.end();
}

function readHostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') : host.indexOf(':');
  const name = end < 0 ? host : host.slice(0, end);
  return name.replace(/^\[/, '').toLowerCase();
}

function isOwnHost(name: string, boundHost: string): boolean {
  if (isLoopback(name)) return true;
  if (isLoopback(boundHost)) return false;
  const own = hostname().toLowerCase();
  return isIP(name) !== 0 || name === own || name === `${own}.local` || name === boundHost;
}

/**
 * The key that a request brings, as `Authorization: Bearer`, as `x-api-key` or where its dialect has it besides; undefined
 * where it brings none.
 */
export function readKey(headers: RequestHeaders, query = '', places: Protocol['keyPlaces'] = {}): string | undefined {
  const authorization = headers.authorization;
  if (typeof authorization === 'string' && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  const named = places.header === undefined ? undefined : headers[places.header];
  const key = headers['x-api-key'] ?? named;
  if (typeof key === 'string') return key.trim();
  if (places.query === undefined) return undefined;
  return new URLSearchParams(query).get(places.query)?.trim();
}
