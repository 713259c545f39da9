// The GUI over HTTP, for a browser: its files, the contract's calls and its stream. Everything but the one-time link wants
// an admin session; a client key opens nothing here. The door has checked Host and Origin before; a call must besides name
// its origin. In the desktop app the window uses a message port instead.
import { type AnyRouter, onError } from '@orpc/server';
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { GUI_HEADERS } from '../util/gui-policy.ts';
import type { Logger } from '../util/logger.ts';
import { type ClosedReason, OPENING_PAGE, writeClosedPage } from './gui-pages.ts';
import type { Sessions } from './sessions.ts';

/** What the GUI's routes are made of. */
export interface AdminAppOptions {
  /** The contract with its handlers; needs no context. */
  readonly router: AnyRouter;
  /** Folder of the built GUI. */
  readonly guiFolder: string;
  readonly sessions: Sessions;
  readonly logger?: Logger;
}

const RPC_PREFIX = '/gui/rpc';
const BODY_LIMIT_BYTES = 1024 ** 2;
/** Less than the idle time-outs of the proxies and tunnels a browser may sit behind. */
const KEEP_ALIVE_MS = 15_000;

/** An Express app that answers everything the client protocols do not. */
export function createAdminApp({ router, guiFolder, sessions, logger }: AdminAppOptions): Express {
  const calls = new RPCHandler(router, {
    eventIteratorKeepAliveInterval: KEEP_ALIVE_MS,
    plugins: [new BodyLimitPlugin({ maxBodySize: BODY_LIMIT_BYTES })],
    interceptors: [onError((error) => logger?.debug('a call of the GUI failed', { error }))],
  });
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set(GUI_HEADERS);
    next();
  });
  app.get('/gui/open/:link', (request, response) => {
    const session = sessions.open(request.params.link);
    if (session === undefined) return sendClosedPage(response, 'link-spent');
    response.cookie(cookieName(request), session, { httpOnly: true, sameSite: 'strict', path: '/' });
    // A page, not a redirect: a strict cookie is withheld from a redirect that began on another site.
    response.set('cache-control', 'no-store').set('refresh', '0; url=/').type('html').send(OPENING_PAGE);
  });
  app.use(RPC_PREFIX, async (request, response) => {
    if (!hasSession(request, sessions)) return refuse(response, 401, 'The session has ended. Open a new link.');
    if (!isSameOrigin(request)) return refuse(response, 403, 'Another site may not call this Patchbay.');
    response.set('cache-control', 'no-store');
    // Express has cut the prefix off; oRPC reads the whole path.
    request.url = request.originalUrl;
    const { matched } = await calls.handle(request, response, { prefix: RPC_PREFIX, context: {} });
    if (!matched) refuse(response, 404, 'There is no such call.');
  });
  app.use((request, response, next) => {
    if (hasSession(request, sessions)) next();
    else if (request.path === '/') sendClosedPage(response, 'no-session');
    else refuseUnknown(request, response);
  });
  app.use(express.static(guiFolder, { index: 'index.html', redirect: false, setHeaders: setCaching }));
  app.use(refuseUnknown);
  app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
    logger?.warn('the GUI could not be answered', { error });
    if (response.headersSent) response.destroy();
    else refuse(response, 400, 'The request could not be read.');
  });
  return app;
}

/** Built files carry their content's hash in their name; the page that names them does not. */
function setCaching(response: Response, path: string): void {
  response.set('cache-control', /[\\/]assets[\\/]/.test(path) ? 'private, max-age=31536000, immutable' : 'no-store');
}

/** A browser sends cookies to every port of a host alike, so two Patchbays need two names. */
function cookieName(request: Request): string {
  return `patchbay_session_${request.socket.localPort ?? 0}`;
}

function hasSession(request: Request, sessions: Sessions): boolean {
  const name = `${cookieName(request)}=`;
  // Another program of this host may have set a cookie of the same name for a longer path, which then comes first.
  const found = request.headers.cookie?.split(/;\s*/).filter((cookie) => cookie.startsWith(name)) ?? [];
  return found.some((cookie) => sessions.isOpen(cookie.slice(name.length)));
}

/** Every call is a POST, and every browser says where a POST comes from; what does not say it is no browser. */
function isSameOrigin(request: Request): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

function sendClosedPage(response: Response, reason: ClosedReason): void {
  response.status(401).set('cache-control', 'no-store').type('html').send(writeClosedPage(reason, process.pid));
}

/** Read by whoever got a base URL wrong more often than by anybody else. */
function refuseUnknown(request: Request, response: Response): void {
  refuse(response, 404, `Patchbay has nothing at ${request.method} ${request.path}.`);
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).set('cache-control', 'no-store').json({ error: { message } });
}
