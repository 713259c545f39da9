// The file of projects and sessions: nobody else's to read, whole after every crash, put aside when it is damaged.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { createEventWriter } from '../../../main/canonical/event-writer.ts';
import type { EventBatch } from '../../../main/canonical/events.ts';
import { openProjectDatabase } from '../../../main/projects/database.ts';
import { openProjects } from '../../../main/projects/open-projects.ts';
import { SESSION_WRITER } from '../../support/bundled-programs.ts';
import { killAfter } from '../../support/kill-after.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

function open(dataFolder: string) {
  const mishaps: string[] = [];
  const forgotten: string[] = [];
  const books = openProjects({
    dataFolder,
    fileProjects: [],
    keepDays: () => 90,
    findProblem: () => undefined,
    onForgotten: (states) => forgotten.push(...states),
    onMishap: (text) => mishaps.push(text),
  });
  return { ...books, mishaps, forgotten };
}

it('projects and sessions are there again after a stop, and only their owner can read them', () => {
  const folder = makeTempFolder();
  const first = open(folder);
  first.projects.add({ name: 'Shop', path: makeTempFolder(), agent: { enabled: true, allow: ['Read'] } }, 'window');
  const { id } = first.sessions.add({ key: 'Test', projectId: 'shop', title: 'Talk', instructions: 'Be brief.' });
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  const kept = [first.projects.list(), first.sessions.find(id), first.sessions.readInstructions(id)];
  first.close();
  const second = open(folder);
  expect([second.projects.list(), second.sessions.find(id), second.sessions.readInstructions(id)]).toEqual(kept);
  second.close();
});

it('a damaged file is put aside with words, and a new one begun', () => {
  const folder = makeTempFolder();
  writeFileSync(join(folder, 'sessions.db'), 'no database at all, but long enough to look like one. '.repeat(50));
  const { mishaps, projects, close } = open(folder);
  expect(mishaps.join()).toMatch(
    /database of projects and sessions could not be read .* put aside as .*sessions\.db\.broken-/,
  );
  expect(projects.list()).toEqual([]);
  close();
});

it('a file that cannot be opened at all does not keep Patchbay from starting', () => {
  const { mishaps, sessions, close } = open(join(makeTempFolder(), 'missing'));
  expect(mishaps.join()).toContain('until Patchbay stops only');
  expect(sessions.add({ key: 'Test' }).key).toBe('Test');
  close();
});

it('what the file refuses is told in words, to whoever asked for it', () => {
  const folder = makeTempFolder();
  const { projects, sessions, close } = open(folder);
  const other = new Database(join(folder, 'sessions.db'));
  other.exec('DROP TABLE messages; DROP TABLE sessions; DROP TABLE projects');
  other.close();
  const words = /^Patchbay could not use its file of projects and sessions: no such table/;
  expect(() => projects.add({ name: 'Shop', path: folder }, 'window')).toThrow(words);
  expect(() => sessions.add({ key: 'Test' })).toThrow(words);
  expect(projects.list()).toEqual([]);
  close();
});

it('kill -9 in the middle of writing never leaves half a turn', async () => {
  const folder = makeTempFolder();
  for (const rounds of [4, 9, 23]) {
    const kept = await killAfter(rounds, [fileURLToPath(SESSION_WRITER), folder]);
    const { database, mishap } = openProjectDatabase(join(folder, 'sessions.db'));
    const session = database.sessions.find('s');
    const messages = database.sessions.readMessages('s');
    database.close();
    expect(mishap).toBeUndefined();
    expect(session?.turns).toBeGreaterThanOrEqual(kept);
    expect([messages.length, session?.messageCount]).toEqual([(session?.turns ?? 0) * 2, (session?.turns ?? 0) * 2]);
    expect(session?.state).toBe(`state ${session?.turns}`);
    const { sessions, close } = open(folder);
    expect(sessions.find('s')?.isRunning).toBe(false);
    close();
  }
});

it('tells what providers had kept in sessions that are gone, one by one, with their project, or too old', async () => {
  const { projects, sessions, forgotten, close } = open(makeTempFolder());
  projects.add({ name: 'Shop', path: makeTempFolder() }, 'window');
  const talk = async (sessionId: string, state: string, projectId?: string) => {
    const running = sessions.enter({
      wish: { sessionId, ...(projectId === undefined ? {} : { projectId }) },
      conversation: { model: 'm', messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }] },
      key: 'Test',
      interrupt: () => {},
      note: () => {},
    });
    running?.attempt.keep(state);
    const writer = createEventWriter();
    writer.text('ho');
    writer.end({ kind: 'stop' });
    for await (const _ of running?.watch(stream(writer.take())) ?? []);
    running?.leave();
  };
  await talk('a', 'state a');
  await talk('b', 'state b', 'shop');
  await talk('c', 'state c');
  sessions.remove('a');
  expect(forgotten).toEqual(['state a']);
  projects.remove('shop', 'window');
  expect(forgotten).toEqual(['state a', 'state b']);
  sessions.prune(Date.now() + 1);
  expect(forgotten).toEqual(['state a', 'state b', 'state c']);
  expect(sessions.find('c')).toBeUndefined();
  close();
  close();
});

async function* stream(batch: EventBatch) {
  yield batch;
}
