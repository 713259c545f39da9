// Keeps a program from asking its upstream anything more than what it was asked: left alone it would go on after an answer
// that was cut off, empty or refused, and a signal may reach it too late. Who stops it then is not this room's business.
import type { JsonObject } from '../../canonical/conversation.ts';
import type { ClaudeProcess } from './process.ts';

/** The program builds each request with these headers, and fails on this machine over what is none. */
const VARIABLE = 'ANTHROPIC_CUSTOM_HEADERS';
const NO_HEADER = 'no more requests: locked';

/**
 * New settings keep the program busy for up to 60 ms: the first words of an answer do not wait for that, and an answer that
 * is over at once is not worth it.
 */
const AFTER_MS = 200;

/** The lock of one program during one answer. What is on its way to the upstream or back is not touched by it. */
export interface Lock {
  /** Its upstream has begun to answer: soon it shall ask no more. */
  closeSoon(claude: Pick<ClaudeProcess, 'control'>): void;
  /** Nobody needs it any more. */
  drop(): void;
  /** Resolves when the program may ask again. Rejects where it does not take the word. */
  open(claude: Pick<ClaudeProcess, 'control'>): Promise<void>;
}

/** A lock for a program that was set up by `setup`; `ownHeaders` are those that its account adds to each request. */
export function createLock(setup: readonly JsonObject[], ownHeaders = ''): Lock {
  const { settings = {} } = setup.find(({ subtype }) => subtype === 'apply_flag_settings') ?? {};
  const { env = {}, ...others } = settings as JsonObject;
  const write = (headers: string): JsonObject => ({
    subtype: 'apply_flag_settings',
    settings: { ...others, env: { ...(env as JsonObject), [VARIABLE]: headers } },
  });
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  return {
    closeSoon: (claude) => {
      timer ??= setTimeout(() => {
        isClosed = true;
        claude.control(write(NO_HEADER)).catch(() => {});
      }, AFTER_MS);
    },
    drop: () => clearTimeout(timer),
    open: async (claude) => {
      clearTimeout(timer);
      if (isClosed) await claude.control(write(ownHeaders));
    },
  };
}
