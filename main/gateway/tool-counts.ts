// How well each model of each account calls tools in its text, counted over all its replies and kept in a small file. Only
// what was measured is in it; a damaged file costs nothing but the counts.
import { existsSync, readFileSync } from 'node:fs';
import type { ToolCounts, ToolOutcome } from '../canonical/models.ts';
import { putAside, writeFileAtomic } from '../util/atomic-file.ts';
import { createListeners } from '../util/listeners.ts';

/** The counts of all models. */
export interface ToolCountBook {
  record(account: string, model: string, outcome: ToolOutcome): void;
  /** Undefined where the model was never asked with tools. */
  find(account: string, model: string): ToolCounts | undefined;
  /** Calls back after each record. */
  onChange(listener: () => void): () => void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** What the book is made with. */
export interface ToolCountOptions {
  /** Its file; made when there is something to count. */
  readonly path: string;
  /** Told why the file could not be read or written; the counts go on in memory. */
  readonly onMishap: (text: string) => void;
}

const NOTHING: ToolCounts = { asked: 0, wellFormed: 0, repaired: 0, retried: 0, failed: 0 };

const FIELDS: Readonly<Record<Exclude<ToolOutcome, 'none'>, Exclude<keyof ToolCounts, 'asked'>>> = {
  'well-formed': 'wellFormed',
  repaired: 'repaired',
  retried: 'retried',
  failed: 'failed',
};

/** Opens the book with what its file holds. */
export function openToolCounts({ path, onMishap }: ToolCountOptions): ToolCountBook {
  const counts = readCounts(path, onMishap);
  const changed = createListeners();
  let writing: Promise<void> | undefined;
  let isDirty = false;

  /** One write at a time; what is counted meanwhile goes into the next. */
  const write = async (): Promise<void> => {
    while (isDirty) {
      isDirty = false;
      const text = JSON.stringify([...counts].map(([key, value]) => [...(JSON.parse(key) as string[]), value]));
      try {
        await writeFileAtomic(path, text);
      } catch (error) {
        onMishap(`How well models call tools could not be kept: ${(error as Error).message}`);
      }
    }
    writing = undefined;
  };
  return {
    record: (account, model, outcome) => {
      const key = writeKey(account, model);
      const before = counts.get(key) ?? NOTHING;
      const field = outcome === 'none' ? undefined : FIELDS[outcome];
      const asked = { ...before, asked: before.asked + 1 };
      counts.set(key, field === undefined ? asked : { ...asked, [field]: before[field] + 1 });
      isDirty = true;
      writing ??= write();
      changed.tell();
    },
    find: (account, model) => counts.get(writeKey(account, model)),
    onChange: changed.add,
    close: async () => {
      await writing;
    },
  };
}

const writeKey = (account: string, model: string) => JSON.stringify([account, model]);

function readCounts(path: string, onMishap: (text: string) => void): Map<string, ToolCounts> {
  const counts = new Map<string, ToolCounts>();
  if (!existsSync(path)) return counts;
  try {
    for (const entry of JSON.parse(readFileSync(path, 'utf8')) as unknown[]) {
      const [account, model, value] = entry as [string, string, ToolCounts];
      const numbers = Object.keys(NOTHING).map((field) => value[field as keyof ToolCounts]);
      if (!numbers.every((count) => Number.isSafeInteger(count) && count >= 0)) throw new Error('a count is no number');
      counts.set(writeKey(account, model), value);
    }
    return counts;
  } catch (error) {
    const where = putAside(path, new Date());
    onMishap(`How well models call tools could not be read (${(error as Error).message}); ${where}.`);
    return new Map();
  }
}
