// Keeps what is known of the accounts' quotas in a small file, so that a forecast has its readings after a restart. A damaged
// file costs nothing but the readings. Knows no account: whose record it is, is told by a mark.
import { existsSync, readFileSync } from 'node:fs';
import { Quota, QuotaMeter } from '../../shared/quota.ts';
import { putAside, writeFileAtomic } from '../util/atomic-file.ts';
import type { Clock } from '../util/clock.ts';
import type { Period, QuotaRecord } from './quota-record.ts';

/** A record with whose it is. */
export interface KeptRecord {
  /** Id of the account. */
  readonly account: string;
  /** Equal for the same account with the same settings. */
  readonly mark: string;
  readonly record: QuotaRecord;
}

/** The file. */
export interface QuotaFile {
  /** What it held when it was opened. */
  readonly kept: readonly KeptRecord[];
  /** Writes what `list` then gives, in a while. */
  saveSoon(list: () => readonly KeptRecord[]): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** What the file is opened with. */
export interface QuotaFileOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Told why the file could not be read or written; the records go on in memory. */
  readonly onMishap: (text: string) => void;
}

/** Every answer may tell something new; so much of it may be lost. */
const DELAY_MS = 30_000;

/** Opens the file with what it holds. */
export function openQuotaFile({ path, clock, onMishap }: QuotaFileOptions): QuotaFile {
  let list: (() => readonly KeptRecord[]) | undefined;
  let cancel: (() => void) | undefined;
  let writing = Promise.resolve();
  const write = () => {
    const records = list?.();
    cancel?.();
    cancel = undefined;
    list = undefined;
    if (records === undefined) return;
    writing = writing.then(async () => {
      try {
        await writeFileAtomic(path, JSON.stringify(records));
      } catch (error) {
        onMishap(`What is left of the plans could not be kept: ${(error as Error).message}`);
      }
    });
  };
  return {
    kept: readRecords(path, onMishap),
    saveSoon: (next) => {
      list = next;
      cancel ??= clock.schedule(write, DELAY_MS);
    },
    close: async () => {
      write();
      await writing;
    },
  };
}

function readRecords(path: string, onMishap: QuotaFileOptions['onMishap']): readonly KeptRecord[] {
  if (!existsSync(path)) return [];
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as unknown[]).map((entry) => readEntry(readFields(entry)));
  } catch (error) {
    const where = putAside(path, new Date());
    onMishap(`What was left of the plans could not be read (${(error as Error).message}); ${where}.`);
    return [];
  }
}

function readEntry({ account, mark, record }: Fields): KeptRecord {
  if (typeof account !== 'string' || typeof mark !== 'string') throw new Error('a record is nobody’s');
  const { quota, readAt, learned, periods, exhaustedAt } = readFields(record);
  return {
    account,
    mark,
    record: {
      ...(quota === undefined ? {} : { quota: Quota.parse(quota) }),
      readAt: readNumber(readAt),
      learned: QuotaMeter.array().parse(learned),
      periods: Object.fromEntries(
        Object.entries(readFields(periods)).map(([name, period]) => [name, readPeriod(readFields(period))]),
      ),
      ...(exhaustedAt === undefined ? {} : { exhaustedAt: readNumber(exhaustedAt) }),
    },
  };
}

function readPeriod({ readings, resetsAt, toldUsed }: Fields): Period {
  if (!Array.isArray(readings)) throw new Error('readings are no list');
  return {
    readings: readings.map((reading) => {
      const { at, used } = readFields(reading);
      return { at: readNumber(at), used: readNumber(used) };
    }),
    ...(resetsAt === undefined ? {} : { resetsAt: readNumber(resetsAt) }),
    ...(toldUsed === undefined ? {} : { toldUsed: readNumber(toldUsed) }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function readFields(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error('a part of it is missing');
}

function readNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Error('a number is none');
}
