// How much each client key was used, kept in a small file of its own: written some time after a use, never for each. Only
// what was counted is in it; a damaged file costs nothing but the counts.
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { putAside, writeFileAtomic } from '../util/atomic-file.ts';
import { type Clock, SYSTEM_CLOCK } from '../util/clock.ts';
import { createListeners } from '../util/listeners.ts';

/** What was used of one key. */
export interface KeyUsage {
  /** In milliseconds since 1970. */
  readonly lastUsedAt?: number;
  /** Since the key was made. */
  readonly requests: number;
  /** Since midnight of this machine. */
  readonly tokensToday: number;
}

/** The use of all keys, by their ids. */
export interface KeyUse {
  read(id: string): KeyUsage;
  /** The key came to the door. */
  touch(id: string): void;
  countRequest(id: string): void;
  countTokens(id: string, tokens: number): void;
  forget(id: string): void;
  /** Milliseconds until today ends. */
  readDayLeft(): number;
  /** Calls back some time after a use; many uses in between make one call. */
  onChange(listener: () => void): () => void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** What it is kept with. */
export interface KeyUseOptions {
  /** Its file; made when there is something to keep. */
  readonly path: string;
  /** Told why the file could not be read or written; the counts go on in memory. */
  readonly onMishap: (text: string) => void;
  readonly clock?: Clock;
}

const Count = z.number().int().min(0);
const Kept = z.object({
  lastUsedAt: Count.optional(),
  requests: Count,
  /** The day that `tokens` are of, as in `2026-01-05`. */
  day: z.string(),
  tokens: Count,
});
type Kept = z.infer<typeof Kept>;

/** What a crash may cost. */
const WRITE_AFTER_MS = 2_000;

/** Opens the counts with what their file holds. */
export function openKeyUse({ path, onMishap, clock = SYSTEM_CLOCK }: KeyUseOptions): KeyUse {
  const counts = readCounts(path, onMishap);
  const changed = createListeners();
  const readToday = createCalendar(clock);
  let writing: Promise<void> = Promise.resolve();
  let isDirty = false;
  let stopTimer: (() => void) | undefined;

  /** One write at a time; what is counted before its turn comes goes into it. */
  const write = (): void => {
    writing = writing.then(async () => {
      if (!isDirty) return;
      isDirty = false;
      try {
        await writeFileAtomic(path, JSON.stringify(Object.fromEntries(counts)));
      } catch (error) {
        onMishap(`The use of the client keys could not be kept: ${(error as Error).message}`);
      }
    });
  };
  const mark = () => {
    isDirty = true;
    stopTimer ??= clock.schedule(() => {
      stopTimer = undefined;
      write();
      changed.tell();
    }, WRITE_AFTER_MS);
  };
  /** The counts of a key, with those of another day left behind. */
  const find = (id: string): Kept => {
    const { day } = readToday();
    const known = counts.get(id) ?? { requests: 0, day, tokens: 0 };
    return known.day === day ? known : { ...known, day, tokens: 0 };
  };
  const put = (id: string, kept: Kept) => {
    counts.set(id, kept);
    mark();
  };

  return {
    read: (id) => {
      const { lastUsedAt, requests, tokens } = find(id);
      return { lastUsedAt, requests, tokensToday: tokens };
    },
    touch: (id) => put(id, { ...find(id), lastUsedAt: clock.now() }),
    countRequest: (id) => {
      const known = find(id);
      put(id, { ...known, requests: known.requests + 1 });
    },
    countTokens: (id, tokens) => {
      const known = find(id);
      put(id, { ...known, tokens: known.tokens + tokens });
    },
    forget: (id) => {
      if (counts.delete(id)) mark();
    },
    readDayLeft: () => readToday().endsAt - clock.now(),
    onChange: changed.add,
    close: async () => {
      stopTimer?.();
      write();
      await writing;
    },
  };
}

/** Today as this machine has it; looked up anew only when the day, or the clock, has moved. */
function createCalendar(clock: Clock) {
  let today = { day: '', startsAt: 0, endsAt: 0 };
  return () => {
    const now = clock.now();
    if (now >= today.startsAt && now < today.endsAt) return today;
    const date = new Date(now);
    const [year, month, dayOfMonth] = [date.getFullYear(), date.getMonth(), date.getDate()];
    today = {
      day: [year, month + 1, dayOfMonth].map((part) => String(part).padStart(2, '0')).join('-'),
      startsAt: new Date(year, month, dayOfMonth).getTime(),
      endsAt: new Date(year, month, dayOfMonth + 1).getTime(),
    };
    return today;
  };
}

function readCounts(path: string, onMishap: (text: string) => void): Map<string, Kept> {
  if (!existsSync(path)) return new Map();
  try {
    const content = z.record(z.string(), Kept).parse(JSON.parse(readFileSync(path, 'utf8')));
    return new Map(Object.entries(content));
  } catch (error) {
    const reason = error instanceof z.ZodError ? 'a count is no number' : (error as Error).message;
    onMishap(`The use of the client keys could not be read (${reason}); ${putAside(path, new Date())}.`);
    return new Map();
  }
}
