// One line of text for each thing worth telling, to standard error; secrets are removed on the way.

/** How much is told; each level includes those before it. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Writes lines; `fields` are appended as JSON. */
export interface Logger {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What a logger is made of. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** Takes one finished line, without a line break. */
  readonly write: (line: string) => void;
  /** Removes every secret in use from a text. */
  readonly redact: (text: string) => string;
}

const ORDER: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** The level of a word, `info` for none. Throws for a word that is no level. */
export function readLogLevel(word: string | undefined): LogLevel {
  if (word === undefined || word === '') return 'info';
  const level = ORDER.find((known) => known === word);
  if (level === undefined) throw new Error(`PATCHBAY_LOG must be one of ${ORDER.join(', ')}, not "${word}".`);
  return level;
}

/** A logger that writes `time level message {fields}`. */
export function createLogger({ level, write, redact }: LoggerOptions): Logger {
  const threshold = ORDER.indexOf(level);
  const at = (of: LogLevel) => {
    if (ORDER.indexOf(of) > threshold) return () => {};
    return (message: string, fields?: Readonly<Record<string, unknown>>) => {
      const tail = fields === undefined ? '' : ` ${JSON.stringify(fields, writeField)}`;
      write(redact(`${new Date().toISOString()} ${of.padEnd(5)} ${message}${tail}`));
    };
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

function writeField(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { message: value.message, stack: value.stack, cause: value.cause };
}
