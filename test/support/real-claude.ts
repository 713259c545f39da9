// The real Claude Code program, where this machine has the pinned one; tests that need it say why they are skipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';

/** The version that the tests were written against. */
export const CLAUDE_VERSION = '2.1.329';
const OLD_CLAUDE_VERSION = '2.1.197';

const cache = process.env.PATCHBAY_TEST_CACHE ?? join(homedir(), '.cache', 'patchbay-test');
const find = (...places: (string | undefined)[]) =>
  places.find((file) => file !== undefined && file !== '' && existsSync(file));

/** The program's file, or undefined. */
export const claudeFile = find(process.env.PATCHBAY_TEST_CLAUDE, join(cache, `claude-${CLAUDE_VERSION}`, 'claude'));

/** The file of the oldest program that is promised to work, or undefined. */
export const oldClaudeFile = find(
  process.env.PATCHBAY_TEST_CLAUDE_OLD,
  join(cache, `claude_old-${OLD_CLAUDE_VERSION}`, 'claude'),
);

/** Stands in the name of a skipped group. */
export const whyNoClaude =
  claudeFile === undefined
    ? ` (skipped: no claude ${CLAUDE_VERSION} in ${cache}; name one in PATCHBAY_TEST_CLAUDE or run the test set-up)`
    : '';

const PROGRAMS = [
  ['the real program', claudeFile, whyNoClaude],
  [
    'the oldest one that is promised to work',
    oldClaudeFile,
    oldClaudeFile === undefined ? ` (skipped: no claude ${OLD_CLAUDE_VERSION})` : '',
  ],
] as const;

/** A `describe` for each program that is promised to work; where it is missing the group is skipped, and says why. */
export function describeClaude(what: string, define: (file: string, isOld: boolean) => void): void {
  for (const [name, file = '', why] of PROGRAMS) {
    describe.skipIf(file === '')(`${what}: ${name}${why}`, { timeout: 60_000 }, () => {
      define(file, file === oldClaudeFile);
    });
  }
}

/** Ids of the living children of this process (Linux only: elsewhere the list is empty). */
export function listChildren(): number[] {
  const tasks = `/proc/${process.pid}/task`;
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).flatMap((task) => {
    const text = readFileSync(join(tasks, task, 'children'), 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  });
}

/** Ids of the living children that run `file`. */
export function listRunning(file: string): number[] {
  return listChildren().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${file}\0`);
    } catch {
      return false;
    }
  });
}
