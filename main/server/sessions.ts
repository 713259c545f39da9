// Who may use the GUI over HTTP: a link that opens once, and the browser session that it becomes. Kept in memory only, so
// that a restart ends every session. Knows nothing of client keys, which open another door.
import { createHash, randomBytes } from 'node:crypto';

/** The admin sessions of this process. */
export interface Sessions {
  /** A new one-time secret; it opens one session within `linkMs`. Earlier unused ones stay valid until they expire. */
  createLink(): string;
  /** Spends a link; the id of the new session, or undefined where the link was used, has expired or never was. */
  open(link: string): string | undefined;
  /** Whether the session is open; using it keeps it open. */
  isOpen(session: string): boolean;
}

/** What sessions are made of. */
export interface SessionsOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long a link waits to be opened. */
  readonly linkMs?: number;
  /** How long a session lives without being used. */
  readonly idleMs?: number;
}

const DAY_MS = 24 * 60 * 60_000;
const LINK_MS = 15 * 60_000;
const SESSION_IDLE_MS = 30 * DAY_MS;
/** The oldest go first; more browsers than this at one Patchbay are a mistake or an attack. */
const MOST = 32;

/** Sessions that begin empty. */
export function createSessions({
  now = Date.now,
  linkMs = LINK_MS,
  idleMs = SESSION_IDLE_MS,
}: SessionsOptions = {}): Sessions {
  const links = new Map<string, number>();
  const open = new Map<string, number>();

  return {
    createLink: () => add(links, now() + linkMs),
    open: (link) => {
      const digest = hash(link);
      const expires = links.get(digest);
      links.delete(digest);
      return expires !== undefined && expires > now() ? add(open, now() + idleMs) : undefined;
    },
    isOpen: (session) => {
      const digest = hash(session);
      const expires = open.get(digest);
      if (expires === undefined) return false;
      open.delete(digest);
      if (expires <= now()) return false;
      open.set(digest, now() + idleMs);
      return true;
    },
  };
}

function add(entries: Map<string, number>, expires: number): string {
  const secret = randomBytes(32).toString('base64url');
  entries.set(hash(secret), expires);
  for (const oldest of entries.keys()) {
    if (entries.size <= MOST) break;
    entries.delete(oldest);
  }
  return secret;
}

/** Looking a digest up tells nothing about the secret through the time it takes. */
function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
