// The one HTTP server of a door: routes of the faces first, by a plain look-up; everything else (the GUI and its calls)
// goes to an Express app that is loaded when it is first needed, where the door has one.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { ClientKeys } from '../credentials/client-keys.ts';
import type { Protocol, RequestHeaders } from '../protocols/protocol.ts';
import { allowOrigin, answerPreflight, checkAddress, readKey } from './access.ts';
import { type Face, refuse, type Visit, writeJson } from './answers.ts';
import { createRefusalLog } from './refusal-log.ts';
import { createRouteFinder, type FoundRoute } from './routes.ts';
import { type RouteServices, serveRoute } from './serve-route.ts';
import type { TokenDoor } from './token-admin.ts';

/** What the server needs. */
export interface AppServices extends RouteServices {
  /** The first one's error shape answers paths that belong to none. */
  readonly protocols: readonly [Protocol, ...Protocol[]];
  readonly keys: ClientKeys;
  /** Where the door listens; decides which `Host` is ours. */
  readonly boundHost: () => string;
  /** Whether a client must bring a key; always, where it is absent. */
  readonly isKeyNeeded?: () => boolean;
  /** The administration of accounts for programs; absent where there is none. */
  readonly tokens?: TokenDoor;
  /** The GUI and its calls; absent where no browser is served. */
  readonly loadAdmin?: () => Promise<RequestListener>;
}

const KEEP_ALIVE_MS = 60_000;
const HEALTH = '/health';

/** The server, not listening yet. */
export function createApp(services: AppServices): Server {
  const { protocols, keys, isKeyNeeded = () => true, tokens, loadAdmin } = services;
  const find = createRouteFinder(protocols);
  const logRefusal = createRefusalLog(services.log);
  const isAllowed = (origin: string) => services.settings().corsOrigins.includes(origin);
  let admin: Promise<RequestListener> | undefined;

  const serveRest = async (visit: Visit, path: string, dialect: Protocol | undefined) => {
    const { request, response } = visit;
    // A path that is a dialect's own is a client's: it gets its dialect's error, not a page of the GUI.
    if (loadAdmin !== undefined && dialect === undefined) {
      admin ??= loadAdmin();
      (await admin)(request, response);
      return;
    }
    const error = new GatewayError('not-found', `Patchbay has nothing at ${request.method} ${path}.`, {
      code: 'unknown_url',
    });
    const status = refuse(dialect ?? protocols[0], visit, error);
    // A base URL with one word too many is what goes wrong most often: the person has to find it on the log.
    if (dialect !== undefined) logRefusal(dialect, visit, error, status);
  };

  /** The name of the key that a client brings. Throws where it needs one and has none of ours. */
  const readVisitor = ({ protocol, route }: FoundRoute, headers: RequestHeaders, query: string) => {
    if (route.action === 'fixed' && route.open) return undefined;
    const presented = readKey(headers, query, protocol.keyPlaces);
    return isKeyNeeded() ? checkKey(presented, keys) : nameKey(presented, keys);
  };

  const turnAway = (face: Face, visit: Visit, error: GatewayError) => {
    if (error.kind === 'internal') services.logger.error('A request failed inside Patchbay.', { id: visit.id, error });
    const status = refuse(face, visit, error);
    if (error.kind === 'unauthorized' || error.kind === 'forbidden') logRefusal(face, visit, error, status);
  };

  const serve = async (visit: Visit) => {
    const { request, response } = visit;
    const { url = '/', headers, method = '' } = request;
    const [path, query] = splitUrl(url);
    const isForTokens = tokens?.serves(path) === true;
    let face: Face = isForTokens ? tokens.face : protocols[0];
    try {
      const page = checkAddress(headers, services.boundHost(), isAllowed);
      const isPreflight = page !== undefined && method === 'OPTIONS';
      const found = find(
        isPreflight ? readAskedMethod(headers) : method,
        path,
        readFacing(path, headers, loadAdmin === undefined),
      );
      const dialect = found?.protocol ?? findOwner(protocols, path, headers);
      if (page !== undefined) {
        if (dialect === undefined && path !== HEALTH) throw refusePage(page, path);
        allowOrigin(response, page);
        if (isPreflight) return answerPreflight(response, headers);
      }
      if (path === HEALTH) return writeJson(response, 200, { status: 'ok' });
      if (isForTokens) return await tokens.answer(visit, path, query);
      if (found === undefined) return await serveRest(visit, path, dialect);
      face = found.protocol;
      await serveRoute(found, { ...visit, key: readVisitor(found, headers, query) }, query, services);
    } catch (thrown) {
      turnAway(face, visit, readError(thrown));
    }
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (response.socket === null) closeWithConnection(request, response);
    void serve({ id: randomUUID().replaceAll('-', ''), request, response, key: undefined });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

/** Node tells nothing to a response that still waits for its turn on the connection (pipelining) when that closes. */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  socket.setMaxListeners(0); // one for each waiting request
  socket.once('close', () => {
    if (response.writableFinished) return;
    response.destroy();
    response.emit('close');
  });
}

function splitUrl(url: string): readonly [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

/** The method that a page wants to use, as its browser asks beforehand. */
function readAskedMethod(headers: RequestHeaders): string {
  return String(headers['access-control-request-method'] ?? '');
}

/** To the GUI and its calls a page of another site stays a stranger, allowed or not. */
function refusePage(origin: string, path: string): GatewayError {
  return new GatewayError('forbidden', `Web pages of ${origin} may use the paths of the dialects only, not ${path}.`);
}

/** What routes choose by; where there is no GUI, nothing gives way to it, so that a browser gets what everybody gets. */
function readFacing(path: string, headers: RequestHeaders, hasNoGui: boolean): RequestHeaders {
  return hasNoGui && path === '/' ? { ...headers, accept: undefined } : headers;
}

/** The dialect whose clients a path without a route belongs to. */
function findOwner(protocols: readonly Protocol[], path: string, headers: RequestHeaders): Protocol | undefined {
  return protocols.findLast(({ owns }) => owns?.(path, headers));
}

/** Clients that know no key often send a word in its place: where none is needed, any is taken. */
function nameKey(presented: string | undefined, keys: ClientKeys): string | undefined {
  return presented === undefined || presented === '' ? undefined : keys.find(presented)?.name;
}

function checkKey(presented: string | undefined, keys: ClientKeys): string {
  if (presented === undefined || presented === '') {
    const message =
      'A client key is needed: send it as "Authorization: Bearer KEY". Patchbay shows it on its Overview page.';
    throw new GatewayError('unauthorized', message);
  }
  const key = keys.find(presented);
  if (key === undefined) {
    throw new GatewayError(
      'unauthorized',
      'This is not the client key of this Patchbay. Copy it from its Overview page.',
    );
  }
  return key.name;
}
