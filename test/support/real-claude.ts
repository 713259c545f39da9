// The real Claude Code program, where this machine has the pinned one; tests that need it say why they are skipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';

/** The version that the tests were written against. */
const CLAUDE_VERSION = '2.1.329';
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

/**
 * What the programs do each in their own way, whatever they are told. Older ones besides tell the model the date in a
 * block of their own in the first turn, where newer ones use a system message; and they cut long descriptions of tools.
 */
export interface ClaudeWays {
  readonly version: string;
  /** What the name `sonnet` stands for. */
  readonly sonnet: string;
  /** What has to stand before a text with a slash at its start, which would be run as a command. */
  readonly beforeSlash: string;
}

const NEW_WAYS: ClaudeWays = { version: CLAUDE_VERSION, sonnet: 'claude-sonnet-5-5', beforeSlash: '' };
const OLD_WAYS: ClaudeWays = { version: OLD_CLAUDE_VERSION, sonnet: 'claude-sonnet-5', beforeSlash: '\n' };

/** A `describe` for each program that is promised to work; where it is missing the group is skipped, and says why. */
export function describeClaude(what: string, define: (file: string, ways: ClaudeWays) => void): void {
  const whyNoOld = oldClaudeFile === undefined ? ` (skipped: no claude ${OLD_CLAUDE_VERSION} in ${cache})` : '';
  const limits = { timeout: 60_000 };
  describe.skipIf(claudeFile === undefined)(`${what}: the real program${whyNoClaude}`, limits, () =>
    define(claudeFile ?? '', NEW_WAYS),
  );
  describe.skipIf(oldClaudeFile === undefined)(`${what}: the oldest that works${whyNoOld}`, limits, () =>
    define(oldClaudeFile ?? '', OLD_WAYS),
  );
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
