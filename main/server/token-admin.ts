// The administration of accounts for programs: paths under /admin/tokens, behind a key of its own that no client has. Says who
// may ask what in which way; what is answered comes from elsewhere.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenAdmin, TokenReply, TokenScope } from '../admin/token-admin.ts';
import { type ErrorKind, GatewayError } from '../canonical/errors.ts';
import { type Face, nameRequest, type Visit, writeJson } from './answers.ts';

/** What the server asks about these paths. */
export interface TokenDoor {
  readonly face: Face;
  serves(path: string): boolean;
  /** Throws `GatewayError` for what is refused, to be written by `face`. */
  answer(visit: Visit, path: string, query: string): Promise<void>;
}

/** What the door is made of. */
export interface TokenDoorOptions {
  /** Undefined where nobody may come in. */
  readonly adminKey: string | undefined;
  /** What answers; loaded when somebody first comes in. */
  readonly load: () => Promise<TokenAdmin>;
}

const ROOT = '/admin/tokens';

const NO_KEY =
  'This Patchbay has no admin key. Write "adminKey": "env:NAME" into its configuration file, with a secret of at least 16 characters in that variable, and start it again.';

const STATUS: Partial<Readonly<Record<ErrorKind, number>>> = {
  'invalid-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
};

const FACE: Face = {
  id: 'token-admin',
  writeError: ({ kind, message }) => ({
    status: STATUS[kind] ?? 500,
    headers: { 'cache-control': 'no-store', ...(kind === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}) },
    body: { status: 'error', message },
  }),
};

type Answer = (admin: TokenAdmin, scope: TokenScope, index: string) => TokenReply | Promise<TokenReply>;
type Method = 'GET' | 'POST';

const ROUTES: Readonly<Record<string, Partial<Readonly<Record<Method, Answer>>>>> = {
  '': { GET: (admin, scope) => admin.list(scope) },
  '/stats': { GET: (admin, scope) => admin.stats(scope) },
  '/reset': { POST: (admin, scope) => admin.reset(scope) },
  '/reset/{index}': { POST: (admin, scope, index) => admin.reset(scope, index) },
  '/reset-all': { POST: (admin, scope) => admin.resetAll(scope) },
  '/reload': { POST: (admin, scope) => admin.reload(scope) },
  '/consecutive-failures': { GET: (admin, scope) => admin.failures(scope) },
  '/reset-consecutive': { POST: (admin, scope) => admin.resetFailures(scope) },
  '/updater/status': { GET: (admin, scope) => admin.updater(scope) },
  // Other programs of this kind are asked by GET in their own manual.
  '/updater/force-update': {
    GET: (admin, scope) => admin.forceUpdate(scope),
    POST: (admin, scope) => admin.forceUpdate(scope),
  },
  '/updater/cleanup-temp': { POST: (admin) => admin.cleanUp() },
};

/** The door to these paths, for every address that Patchbay listens on. */
export function createTokenDoor({ adminKey, load }: TokenDoorOptions): TokenDoor {
  return {
    face: FACE,
    serves: (path) => path === ROOT || path.startsWith(`${ROOT}/`),
    answer: async (visit, path, query) => {
      const { request, response } = visit;
      if (adminKey === undefined) throw new GatewayError('forbidden', NO_KEY);
      checkAdminKey(request.headers.authorization, adminKey);
      // Nothing is read from a body.
      request.resume();
      const [name, index] = splitPath(path);
      const route = ROUTES[name];
      if (route === undefined) throw new GatewayError('not-found', `Patchbay has nothing at ${path}.`);
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const answer = Object.entries(route).find(([known]) => known === method)?.[1];
      const head = { ...nameRequest(FACE, visit), 'cache-control': 'no-store' };
      if (answer === undefined) {
        const allow = Object.keys(route).flatMap((known) => (known === 'GET' ? ['GET', 'HEAD'] : [known]));
        const message = `${path} takes ${allow.join(', ')}, not ${request.method}.`;
        return writeJson(response, 405, { status: 'error', message }, { ...head, allow: allow.join(', ') });
      }
      const reply = await answer(await load(), readScope(query), index);
      writeJson(response, 200, { status: 'success', ...reply }, head);
    },
  };
}

/** The route's name and what stands in the place of its `{index}`. */
function splitPath(path: string): readonly [name: string, index: string] {
  const rest = path.slice(ROOT.length).replace(/\/$/, '');
  const [, index] = /^\/reset\/([^/]+)$/.exec(rest) ?? [];
  return index === undefined ? [rest, ''] : ['/reset/{index}', index];
}

function readScope(query: string): TokenScope {
  const asked = new URLSearchParams(query);
  const provider = asked.get('provider') || undefined;
  const account = asked.get('account') || undefined;
  return { ...(provider === undefined ? {} : { provider }), ...(account === undefined ? {} : { account }) };
}

/** Throws `GatewayError` for any other key. Digests have one length, so that comparing them tells nothing by its time. */
function checkAdminKey(authorization: string | undefined, adminKey: string): void {
  const [, presented] = /^bearer +(\S+)\s*$/i.exec(authorization ?? '') ?? [];
  if (presented === undefined) {
    throw new GatewayError('unauthorized', 'The admin key is needed: send it as "Authorization: Bearer KEY".');
  }
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(presented), digest(adminKey))) return;
  throw new GatewayError(
    'unauthorized',
    'This is not the admin key of this Patchbay. A client key opens nothing here.',
  );
}
