// Which account has answered which conversation, so that what its upstream has cached of it still counts. In memory: upstreams
// forget sooner than anybody starts anew.
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';
import { createRecentMap } from '../util/recent-map.ts';

/** The conversations of late. */
export interface Conversations {
  /** The account that answered it last; undefined where none did lately. */
  find(conversation: string): string | undefined;
  /** The account has just answered it. */
  keep(conversation: string, account: string): void;
}

/** The longest that upstreams keep what they have cached, counted from its last use. */
const KEEP_MS = 3_600_000;

/** Far more than one person has open within that time; each takes about 200 bytes. */
const MOST = 10_000;

/** None yet. */
export function createConversations(clock: Clock): Conversations {
  const recent = createRecentMap<{ readonly account: string; readonly end: Deadline }>(MOST);
  return {
    find: (conversation) => {
      const found = recent.get(conversation);
      if (found === undefined) return undefined;
      if (readRemaining(clock, found.end) > 0) return found.account;
      recent.delete(conversation);
      return undefined;
    },
    keep: (conversation, account) => recent.set(conversation, { account, end: createDeadline(clock, KEEP_MS) }),
  };
}
