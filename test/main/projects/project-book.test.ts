// The list of projects: what the window, clients and the configuration file may make of it.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { DEFAULT_AGENT_RULES, type Project } from '../../../shared/projects.ts';
import { openTestBooks } from '../../support/books.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof GatewayError) return `${error.kind}: ${error.message}`;
  }
  throw new Error('It was not refused.');
}

const FILE_PROJECT: Project = {
  id: 'fixed',
  name: 'Fixed',
  path: homedir(),
  source: 'file',
  createdAt: 1,
  updatedAt: 1,
  agent: { ...DEFAULT_AGENT_RULES, enabled: true },
};

describe('a project of the window', () => {
  it('has a folder that is there, and an id made of its name that no other has', () => {
    const { projects } = openTestBooks(makeTempFolder());
    const path = makeTempFolder();
    const ids = ['Café & Bar', 'cafe bar', '???', '!!!'].map((name) => projects.add({ name, path }, 'window').id);
    expect(ids).toEqual(['cafe-bar', 'cafe-bar-2', 'project', 'project-2']);
    expect(projects.add({ name: 'Home', path: '~' }, 'window').path).toBe(homedir());
    expect(projects.list().map(({ name }) => name)).toEqual(['!!!', '???', 'Café & Bar', 'cafe bar', 'Home']);
  });

  it('is never made in a place that is no folder', () => {
    const { projects } = openTestBooks();
    const folder = makeTempFolder();
    writeFileSync(join(folder, 'file'), '');
    const add = (path?: string) => refusal(() => projects.add({ name: 'x', path }, 'window'));
    expect([add('shop'), add('./x'), add(`${folder}/no`), add(`${folder}/file`), add()]).toEqual([
      'invalid-request: The folder shop is not an absolute path.',
      'invalid-request: The folder ./x is not an absolute path.',
      `invalid-request: The folder ${folder}/no does not exist.`,
      `invalid-request: The folder ${folder}/file is not a folder.`,
      'invalid-request: A project needs a folder.',
    ]);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('keeps its folder and everything in it when it is removed', () => {
    const { projects } = openTestBooks();
    const path = makeTempFolder();
    projects.add({ name: 'x', path }, 'window');
    projects.remove('x', 'window');
    expect([existsSync(path), projects.list()]).toEqual([true, []]);
  });

  it('can be changed though its folder has gone, and says so', () => {
    const { projects } = openTestBooks();
    const path = join(makeTempFolder(), 'shop');
    mkdirSync(path);
    projects.add({ name: 'x', path, agent: { enabled: true } }, 'window');
    rmSync(path, { recursive: true });
    expect(projects.views()[0]?.problem).toBe(`Its folder ${path} does not exist.`);
    expect(projects.change('x', { path, agent: { enabled: false } }).agent.enabled).toBe(false);
  });
});

describe('an agent', () => {
  it('is there for providers only while it is switched on', () => {
    const { projects } = openTestBooks();
    let told = 0;
    projects.onChange(() => {
      told += 1;
    });
    const path = makeTempFolder();
    projects.add({ name: 'x', path }, 'window');
    expect([projects.agents.list(), projects.agents.find('x')]).toEqual([[], undefined]);
    projects.change('x', { agent: { enabled: true, instructions: 'Be brief.' } });
    const rules = { ...DEFAULT_AGENT_RULES, enabled: true, instructions: 'Be brief.' };
    expect(projects.agents.list()).toEqual([{ id: 'x', name: 'x', path, rules }]);
    projects.change('x', { agent: { enabled: false, instructions: '' } });
    expect([projects.agents.find('x'), projects.find('x')?.agent]).toEqual([undefined, DEFAULT_AGENT_RULES]);
    expect(told).toBe(3);
  });

  it('that no account can run says why, once it is switched on', () => {
    const { projects } = openTestBooks('', { findProblem: ({ account }) => `No ${account}.` });
    projects.add({ name: 'x', path: makeTempFolder(), agent: { account: 'cc' } }, 'window');
    expect(projects.views()[0]).not.toHaveProperty('problem');
    projects.change('x', { agent: { enabled: true } });
    expect(projects.views()[0]?.problem).toBe('No cc.');
  });
});

describe('a client', () => {
  it('gets an empty folder where it names none, and never an agent', () => {
    const dataFolder = makeTempFolder();
    const { projects } = openTestBooks(dataFolder);
    const agent = { ...DEFAULT_AGENT_RULES, enabled: true, mode: 'everything' as const };
    const made = projects.add({ name: 'Mine', agent }, 'client');
    expect([made.path, readdirSync(made.path), made.agent]).toEqual([
      join(dataFolder, 'projects', 'mine'),
      [],
      DEFAULT_AGENT_RULES,
    ]);
    projects.remove('mine', 'client');
    expect(existsSync(made.path)).toBe(false);
  });

  it('leaves what lies in that folder, which is then nobody else’s', () => {
    const { projects } = openTestBooks(makeTempFolder());
    const { path } = projects.add({ name: 'Mine' }, 'client');
    writeFileSync(join(path, 'work.txt'), 'precious');
    projects.remove('mine', 'client');
    expect(readdirSync(path)).toEqual(['work.txt']);
    expect(projects.add({ name: 'Mine' }, 'client').id).toBe('mine-2');
  });

  it('may delete neither what the person made nor where an agent works', () => {
    const { projects } = openTestBooks(makeTempFolder(), { fileProjects: [FILE_PROJECT] });
    projects.add({ name: 'theirs', path: makeTempFolder() }, 'window');
    projects.add({ name: 'mine' }, 'client');
    projects.change('mine', { agent: { enabled: true } });
    const remove = (id: string) => refusal(() => projects.remove(id, 'client'));
    expect(['theirs', 'mine', 'fixed', 'none'].map(remove)).toEqual([
      `forbidden: A client may not delete the project "theirs": it was not made by a client. It can be removed in Patchbay's window.`,
      `forbidden: A client may not delete the project "mine": its agent is switched on. It can be removed in Patchbay's window.`,
      `forbidden: A client may not delete the project "Fixed": it was not made by a client. It can be removed in Patchbay's window.`,
      'not-found: There is no project "none".',
    ]);
    projects.change('mine', { agent: { enabled: false } });
    projects.remove('mine', 'client');
    expect(projects.list().map(({ id }) => id)).toEqual(['fixed', 'theirs']);
  });
});

it('a project of the configuration file is one of the list that nobody changes', () => {
  const { projects } = openTestBooks('', { fileProjects: [FILE_PROJECT] });
  expect(projects.agents.list().map(({ id }) => id)).toEqual(['fixed']);
  const words = 'invalid-request: The project "Fixed" stands in the configuration file: change it there.';
  expect(refusal(() => projects.change('fixed', { name: 'x' }))).toBe(words);
  expect(refusal(() => projects.remove('fixed', 'window'))).toBe(words);
  const twin = { id: 'fixed', name: 'x', path: makeTempFolder() };
  expect(refusal(() => projects.add(twin, 'window'))).toBe('conflict: There is a project "fixed" already.');
});

it('a project takes its sessions with it', () => {
  const { projects, sessions } = openTestBooks();
  projects.add({ name: 'x', path: makeTempFolder() }, 'window');
  const { id } = sessions.add({ key: undefined, projectId: 'x' });
  const other = sessions.add({ key: undefined });
  expect(projects.views()[0]?.sessionCount).toBe(1);
  projects.remove('x', 'window');
  expect([sessions.find(id), sessions.find(other.id)?.id]).toEqual([undefined, other.id]);
});
