// What sessions refuse, in words for a person, the same wherever it is noticed.
import { GatewayError } from '../canonical/errors.ts';

/** What one session may hold, in characters of JSON. */
const MOST_WORDS = 16 * 1024 ** 2;

/** The id as it is; throws `invalid-request` for what names none. */
export function checkId(id: string): string {
  if (/^[A-Za-z0-9._:-]{1,128}$/.test(id)) return id;
  const message = 'The id of a session has 1 to 128 letters, digits, dots, dashes, colons and underscores.';
  throw new GatewayError('invalid-request', message, { param: 'session_id', code: 'invalid_session_id' });
}

/** Throws `too-large` for what no session holds. */
export function checkSize(characters: number): void {
  if (characters <= MOST_WORDS) return;
  const message = `A session holds at most ${MOST_WORDS / 1024 ** 2} MB, pictures included. Nothing of it was lost: begin another one.`;
  throw new GatewayError('too-large', message, { code: 'session_too_large' });
}

/** There is no such session, or none that this client may know of. */
export function refuseUnknown(id: string): never {
  throw new GatewayError('not-found', `There is no session "${id}".`, {
    param: 'session_id',
    code: 'session_not_found',
  });
}

/** There is no such project. */
export function refuseProject(id: string): never {
  throw new GatewayError('not-found', `There is no project "${id}".`, {
    param: 'project_id',
    code: 'project_not_found',
  });
}

/** For a second request at a time. */
export function refuseBusy(id: string): GatewayError {
  const message = `A request runs in the session "${id}" already. Wait for its end, or end it.`;
  return new GatewayError('conflict', message, { param: 'session_id', code: 'session_busy' });
}

/** A request names a project that is not that of its session or agent. */
export function refuseMismatch(message: string): never {
  throw new GatewayError('invalid-request', message, { param: 'project_id', code: 'project_mismatch' });
}

/** Why an agent at work is ended whose rules do not hold any more. */
export function createRulesChanged(): GatewayError {
  const words =
    'While the agent was at work it was switched off, or its rules were changed: ask it again, where it may still be asked.';
  return new GatewayError('aborted', words, { code: 'agent_rules_changed' });
}

/** An agent runs programs: who has no key of this Patchbay does not get it to do so, whichever door is open. */
export function refuseKeyless(): never {
  const message = 'An agent answers only clients that send a key of this Patchbay, at a door that wants none, too.';
  throw new GatewayError('forbidden', message, { code: 'agent_needs_key' });
}
