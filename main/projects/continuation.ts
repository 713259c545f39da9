// Puts a whole conversation together out of what is kept and what a client sends: new words, or everything so far.
// Decides; writes nothing.
import type { Message, SystemMessage } from '../canonical/conversation.ts';
import { GatewayError } from '../canonical/errors.ts';
import { listGroups, nameAfter, nameStart, splitSystem } from './essence.ts';
import type { StoredSession } from './session-row.ts';

/** What a request makes of a session. */
export interface Continuation {
  /** The whole conversation, for the provider. */
  readonly messages: readonly Message[];
  /** The instructions from now on. */
  readonly system: readonly SystemMessage[];
  /** What comes after the messages so far, or in place of them. */
  readonly added: readonly Message[];
  /** The client has sent all that counts from now on: what it remembers holds. */
  readonly replaces: boolean;
  /** The provider has taken part in all of it up to the new words, so that its own text still fits. */
  readonly fits: boolean;
  /** The messages are not the whole conversation: the rest is known to the provider alone. */
  readonly isPart?: boolean;
  /** The name of the point that the request has come to, where no words are kept. */
  readonly point?: string;
}

/** Goes on in a session whose messages are kept. */
export function continueKept(
  system: readonly SystemMessage[],
  kept: readonly Message[],
  asked: readonly Message[],
): Continuation {
  const { system: given, rest } = splitSystem(asked);
  const instructions = given.length > 0 ? given : system;
  const before = listGroups(kept);
  const groups = listGroups(rest);
  const isWhole = before.every(({ essence }, at) => groups[at]?.essence === essence);
  if (isWhole) {
    const added = rest.slice(groups[before.length - 1]?.end ?? 0);
    const fits = groups.slice(before.length).every(({ role }) => role !== 'assistant');
    return { messages: [...instructions, ...rest], system: instructions, added, replaces: false, fits };
  }
  const isNew = groups.every(({ role }) => role !== 'assistant');
  if (isNew) {
    const messages = [...instructions, ...kept, ...rest];
    return { messages, system: instructions, added: rest, replaces: false, fits: true };
  }
  return { messages: [...instructions, ...rest], system: instructions, added: rest, replaces: true, fits: false };
}

/**
 * Goes on in a session of which only the point is kept. Throws `GatewayError` for new words alone where the provider has
 * kept nothing either.
 */
export function continueUnkept(
  session: Pick<StoredSession, 'point' | 'state'>,
  asked: readonly Message[],
): Continuation {
  const { system, rest } = splitSystem(asked);
  const { before, point } = namePoint(asked);
  const common = { messages: asked, system, added: rest };
  if (before === undefined && session.point !== undefined) {
    if (session.state === undefined) {
      const message = 'What was said in this session is not kept: send the whole conversation, not only the new words.';
      throw new GatewayError('invalid-request', message, { param: 'messages', code: 'session_without_words' });
    }
    return { ...common, replaces: false, fits: true, isPart: true, point: nameAfter(session.point, listGroups(rest)) };
  }
  return { ...common, replaces: true, fits: before === session.point, point };
}

/** The names of the point before the new words, where something was answered before, and of the one after them. */
export function namePoint(asked: readonly Message[]): { readonly before: string | undefined; readonly point: string } {
  const { system, rest } = splitSystem(asked);
  const groups = listGroups(rest);
  const start = nameStart(system);
  const answered = groups.findLastIndex(({ role }) => role === 'assistant') + 1;
  return {
    before: answered === 0 ? undefined : nameAfter(start, groups.slice(0, answered)),
    point: nameAfter(start, groups),
  };
}
