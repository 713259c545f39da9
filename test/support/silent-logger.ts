// A logger for tests that do not look at the log.
import { createLogger, type Logger } from '../../main/util/logger.ts';

/** Tells nothing. */
export function createSilentLogger(): Logger {
  return createLogger({ level: 'error', write: () => {}, redact: (text) => text });
}
