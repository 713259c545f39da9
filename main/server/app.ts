// The one HTTP server of the door: routes of the faces first, by a plain look-up; everything else (the GUI and its
// calls) goes to an Express app that is loaded when it is first needed.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { ClientKeys } from '../credentials/client-keys.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { checkAddress, readKey } from './access.ts';
import { refuse, type Visit, writeJson } from './answers.ts';
import { createRefusalLog } from './refusal-log.ts';
import { createRouteFinder } from './routes.ts';
import { type RouteServices, serveRoute } from './serve-route.ts';

/** What the server needs. */
export interface AppServices extends RouteServices {
  /** The first one's error shape answers paths that belong to none. */
  readonly protocols: readonly [Protocol, ...Protocol[]];
  readonly keys: ClientKeys;
  /** Where the door listens; decides which `Host` is ours. */
  readonly boundHost: () => string;
  /** The GUI and its calls; absent where no browser is served. */
  readonly loadAdmin?: () => Promise<RequestListener>;
}

const KEEP_ALIVE_MS = 60_000;

/** The server, not listening yet. */
export function createApp(services: AppServices): Server {
  const find = createRouteFinder(services.protocols);
  const logRefusal = createRefusalLog(services.log);
  let admin: Promise<RequestListener> | undefined;

  const serveRest = async (visit: Visit, path: string) => {
    const { request, response } = visit;
    // A path that is a dialect's own is a client's: it gets its dialect's error, not a page of the GUI.
    const dialect = services.protocols.findLast(({ owns }) => owns?.(path, request.headers));
    if (services.loadAdmin !== undefined && dialect === undefined) {
      admin ??= services.loadAdmin();
      (await admin)(request, response);
      return;
    }
    const error = new GatewayError('not-found', `Patchbay has nothing at ${request.method} ${path}.`, {
      code: 'unknown_url',
    });
    refuse(dialect ?? services.protocols[0], visit, error);
  };

  const serve = async (visit: Visit) => {
    const { request, response } = visit;
    const { url = '/', headers } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    let protocol = services.protocols[0];
    try {
      checkAddress(headers, services.boundHost());
      if (path === '/health') return writeJson(response, 200, { status: 'ok' });
      const found = find(request.method ?? '', path, headers);
      if (found === undefined) return await serveRest(visit, path);
      const { route } = found;
      protocol = found.protocol;
      const isOpen = route.action === 'fixed' && route.open;
      const key = isOpen ? undefined : checkKey(readKey(headers, query, protocol.keyPlaces), services.keys);
      await serveRoute(found, { ...visit, key }, query, services);
    } catch (thrown) {
      const error = readError(thrown);
      if (error.kind === 'internal')
        services.logger.error('A request failed inside Patchbay.', { id: visit.id, error });
      const status = refuse(protocol, visit, error);
      if (error.kind === 'unauthorized' || error.kind === 'forbidden') logRefusal(protocol, visit, error, status);
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
