// What the pool knows, kept in a small file, so that a restart sends nobody to an account that rests. A damaged file is put
// aside and costs no more than what was in it. No secret is in it: the pool has taken them out of every text.
import { existsSync, readFileSync } from 'node:fs';
import type { RestView } from '../../shared/routing.ts';
import { putAside, writeFileAtomic } from '../util/atomic-file.ts';
import type { Clock } from '../util/clock.ts';
import { RESTING_KINDS } from './failure-class.ts';
import type { SavedRecord } from './pool-records.ts';
import type { SavedRest } from './rests.ts';

/** All that survives. */
export interface SavedPool {
  readonly rests: readonly SavedRest[];
  readonly accounts: readonly SavedRecord[];
  /** Which account each provider that fills one first is at. */
  readonly rings: readonly (readonly [ring: string, account: string])[];
}

/** The file behind a pool. */
export interface PoolFile {
  /** What it held when it was opened. */
  readonly saved: SavedPool;
  /** Something has changed: before long, and at the latest when it is closed, what `read` gives is written. */
  mark(read: () => SavedPool): void;
  /** Resolves when all is written; nothing is written afterwards. */
  close(): Promise<void>;
}

/** What the file is opened with. */
export interface PoolFileOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Told why it could not be read or written; the pool goes on in memory. */
  readonly onMishap: (text: string) => void;
}

const NOTHING: SavedPool = { rests: [], accounts: [], rings: [] };

/** Every request changes a count; a crash may cost the last few. */
const WRITE_MS = 5_000;

const CAUSES: ReadonlySet<unknown> = new Set<RestView['cause']>(['told', 'guessed', 'failed', 'hand']);

/** Opens the file, which need not be there. */
export function openPoolFile({ path, clock, onMishap }: PoolFileOptions): PoolFile {
  let waiting: { readonly read: () => SavedPool; readonly cancel: () => void } | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isClosed = false;

  const write = (): void => {
    const content = waiting?.read();
    waiting = undefined;
    if (content === undefined) return;
    writing = writing
      .then(() => writeFileAtomic(path, JSON.stringify(content)))
      .catch((error: Error) => onMishap(`Which accounts rest could not be kept: ${error.message}`));
  };
  return {
    saved: readPool(path, clock, onMishap),
    mark: (read) => {
      if (isClosed) return;
      waiting ??= { read, cancel: clock.schedule(write, WRITE_MS) };
    },
    close: async () => {
      isClosed = true;
      waiting?.cancel();
      write();
      await writing;
    },
  };
}

function readPool(path: string, clock: Clock, onMishap: (text: string) => void): SavedPool {
  if (!existsSync(path)) return NOTHING;
  try {
    const { rests, accounts, rings } = JSON.parse(readFileSync(path, 'utf8')) as SavedPool;
    const isSound = rests.every(isRest) && accounts.every(isRecord) && rings.every((ring) => ring.every(isText));
    if (!isSound) throw new Error('something in it is not as it should be');
    return { rests, accounts, rings };
  } catch (error) {
    const why = (error as Error).message;
    const where = putAside(path, new Date(clock.now()));
    onMishap(`Which accounts rest could not be read (${why}); ${where}.`);
    return NOTHING;
  }
}

const isText = (value: unknown) => typeof value === 'string';
/** No calendar has later moments. */
const isTime = (value: unknown) => typeof value === 'number' && Math.abs(value) <= 8.64e15;
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isAbsentOr = (value: unknown, test: (value: unknown) => boolean) => value === undefined || test(value);

function isRest({ account, model, cause, since, until, text, level, errorKind }: SavedRest): boolean {
  if (!isAbsentOr(errorKind, (kind) => RESTING_KINDS.has(kind))) return false;
  if (!isText(account) || !isText(text) || !CAUSES.has(cause) || !isTime(since)) return false;
  return isAbsentOr(model, isText) && isAbsentOr(until, isTime) && isAbsentOr(level, isCount);
}

function isRecord({ account, served, failed, failuresInARow, lastFailureAt, lastTurn }: SavedRecord): boolean {
  if (!isText(account) || !isAbsentOr(lastFailureAt, isTime)) return false;
  return [served, failed, failuresInARow, lastTurn].every(isCount);
}
