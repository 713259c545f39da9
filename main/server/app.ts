// The one HTTP server of the door: routes of the faces first, by a plain look-up; everything else (the GUI and its
// calls) goes to an Express app that is loaded when it is first needed.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { GatewayError, readError } from '../canonical/errors.ts';
import { estimateInputTokens } from '../canonical/estimate.ts';
import type { ServedModel } from '../canonical/models.ts';
import type { ClientKeys } from '../credentials/client-keys.ts';
import type { ModelCatalog } from '../gateway/model-catalog.ts';
import type { Protocol, Route } from '../protocols/protocol.ts';
import { checkAddress, readKey } from './access.ts';
import { createRefusalLog } from './refusal-log.ts';
import {
  nameRequest,
  readJson,
  refuse,
  type ServeServices,
  serveConverse,
  type Visit,
  writeJson,
  writeText,
} from './serve.ts';

/** What the server needs. */
export interface AppServices extends ServeServices {
  /** The first one's error shape answers paths that belong to none. */
  readonly protocols: readonly [Protocol, ...Protocol[]];
  readonly catalog: ModelCatalog;
  readonly keys: ClientKeys;
  /** Where the door listens; decides which `Host` is ours. */
  readonly boundHost: () => string;
  /** The GUI and its calls; absent where no browser is served. */
  readonly loadAdmin?: () => Promise<RequestListener>;
}

interface Served {
  readonly protocol: Protocol;
  readonly route: Route;
}

const KEEP_ALIVE_MS = 60_000;

/** The server, not listening yet. */
export function createApp(services: AppServices): Server {
  const find = createRouteFinder(services.protocols);
  const logRefusal = createRefusalLog(services.log);
  let admin: Promise<RequestListener> | undefined;

  const serveRest = async (visit: Visit, path: string) => {
    const { request, response } = visit;
    // A path under a dialect's own is a client's: it gets its dialect's error, not a page of the GUI.
    const dialect = services.protocols.find(({ basePath }) => basePath !== '' && path.startsWith(`${basePath}/`));
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
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    let protocol = services.protocols[0];
    try {
      checkAddress(headers, services.boundHost());
      if (path === '/health') return writeJson(response, 200, { status: 'ok' });
      const served = find(request.method ?? '', path, headers);
      if (served === undefined) return await serveRest(visit, path);
      protocol = served.protocol;
      const { route } = served;
      const key = route.action === 'fixed' && route.open ? undefined : checkKey(headers, services.keys);
      await serveRoute(served, { ...visit, key }, path, services);
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

async function serveRoute(
  { protocol, route }: Served,
  visit: Visit,
  path: string,
  services: AppServices,
): Promise<void> {
  switch (route.action) {
    case 'converse':
      return serveConverse(protocol, route, visit, services);
    case 'models': {
      const { models } = await services.catalog.list(false);
      return writeJson(visit.response, 200, route.writeModels(models), nameRequest(protocol, visit));
    }
    case 'model': {
      const name = readModelName(path.slice(route.path.length));
      const model = await findModel(services.catalog, name);
      return writeJson(visit.response, 200, route.writeModel(model), nameRequest(protocol, visit));
    }
    case 'model-query': {
      const name = route.readModelName(await readJson(visit.request, services.settings().bodyLimitBytes));
      const model = await findModel(services.catalog, name);
      return writeJson(visit.response, 200, route.writeModel(model), nameRequest(protocol, visit));
    }
    case 'count': {
      const body = await readJson(visit.request, services.settings().bodyLimitBytes);
      const count = estimateInputTokens(route.readConversation(body, visit.request.headers));
      const headers = { ...nameRequest(protocol, visit), 'x-patchbay-estimate': 'true' };
      return writeJson(visit.response, 200, route.writeCount(count), headers);
    }
    case 'fixed':
      if (typeof route.body === 'string') return writeText(visit.response, route.body);
      return writeJson(visit.response, 200, route.body);
    default:
      return route satisfies never;
  }
}

/** The end of a path as a model's name; one that is wrongly encoded is no model's and stays as it is. */
function readModelName(text: string): string {
  const trimmed = text.replace(/\/$/, '');
  try {
    return decodeURIComponent(trimmed);
  } catch {
    return trimmed;
  }
}

async function findModel(catalog: ModelCatalog, name: string): Promise<ServedModel> {
  const { models } = await catalog.list(false);
  const names = ({ account, provider, info }: ServedModel) => [`${account}/${info.id}`, `${provider}/${info.id}`];
  const model = models.find(({ id }) => id === name) ?? models.find((served) => names(served).includes(name));
  if (model !== undefined) return model;
  throw new GatewayError('not-found', `No account offers the model "${name}".`, {
    param: 'model',
    code: 'model_not_found',
  });
}

function checkKey(headers: IncomingMessage['headers'], keys: ClientKeys): string {
  const presented = readKey(headers);
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

const METHODS: Readonly<Record<Exclude<Route['action'], 'model'>, readonly string[]>> = {
  converse: ['POST'],
  count: ['POST'],
  models: ['GET'],
  'model-query': ['POST'],
  fixed: ['GET', 'HEAD'],
};

/** Looks a path up among all faces. Trailing slashes do not matter; routes with a `when` are asked before those without. */
function createRouteFinder(protocols: readonly Protocol[]) {
  const exact = new Map<string, Served[]>();
  const prefixes: Served[] = [];
  const all = protocols.flatMap((protocol) => protocol.routes.map((route): Served => ({ protocol, route })));
  const isPicky = ({ route }: Served) => Number(route.when !== undefined);
  for (const served of all.sort((a, b) => isPicky(b) - isPicky(a))) {
    const { route } = served;
    if (route.action === 'model') {
      prefixes.push(served);
      continue;
    }
    for (const method of METHODS[route.action]) {
      const key = `${method} ${route.path}`;
      exact.set(key, [...(exact.get(key) ?? []), served]);
    }
  }
  const fits = (served: Served, headers: IncomingMessage['headers']) => served.route.when?.(headers) ?? true;
  return (method: string, path: string, headers: IncomingMessage['headers']): Served | undefined => {
    const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const found = exact.get(`${method} ${trimmed}`)?.find((served) => fits(served, headers));
    if (found !== undefined || method !== 'GET') return found;
    return prefixes.find((served) => trimmed.startsWith(served.route.path) && fits(served, headers));
  };
}
