// Keeps a program from asking its upstream anything more than what it was asked: left alone it would go on after an answer
// that was cut off, empty or refused, and a signal may reach it too late. Knows the settings only, no process.
import type { JsonObject } from '../../canonical/conversation.ts';

/** The program builds each request with these headers, and fails on this machine over what is none. */
const VARIABLE = 'ANTHROPIC_CUSTOM_HEADERS';
const NO_HEADER = 'no more requests: locked';

/** Two control requests for one program. */
export interface Lock {
  /** From its answer on the program asks its upstream nothing more; what is on its way is not touched. */
  readonly close: JsonObject;
  /** Lets it ask again. */
  readonly open: JsonObject;
}

/** The lock of a program that was set up by `setup`; `ownHeaders` are those that its account adds to each request. */
export function writeLock(setup: readonly JsonObject[], ownHeaders = ''): Lock {
  const { settings = {} } = setup.find(({ subtype }) => subtype === 'apply_flag_settings') ?? {};
  const { env = {}, ...others } = settings as JsonObject;
  const write = (headers: string): JsonObject => ({
    subtype: 'apply_flag_settings',
    settings: { ...others, env: { ...(env as JsonObject), [VARIABLE]: headers } },
  });
  return { close: write(NO_HEADER), open: write(ownHeaders) };
}
