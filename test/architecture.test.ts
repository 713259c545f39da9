// The house as it stands in the README, checked against the files: who may import whom, where the names of providers and
// protocols may occur, how long files are and how they open. Reads text only; nothing of the house runs.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOUSE, type Room } from './support/house-rules.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MOST_LINES = 350;
const MANY_LINES = 250;

interface Import {
  readonly name: string;
  readonly typeOnly: boolean;
}

const files = ['shared', 'main', 'renderer', 'scripts', 'test'].flatMap(listFiles);
const sources = files.filter((file) => /^(shared|main|renderer)\//.test(file) && /\.tsx?$/.test(file));

function listFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : listFiles(path);
    return /\.(ts|tsx|mjs)$/.test(entry.name) ? [path] : [];
  });
}

/** Tests may be long lists of cases. */
const isTest = (file: string) => file.startsWith('test/');

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

function readImports(text: string): Import[] {
  const found: Import[] = [];
  const statement = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s*['"]([^'"]+)['"]/gm;
  for (const [, type, names = '', name = ''] of text.matchAll(statement)) {
    const listed = /^\{([^}]*)\}$/
      .exec(names.trim())?.[1]
      ?.split(',')
      .filter((part) => part.trim() !== '');
    const typeOnly = type !== undefined || (listed?.every((part) => /^\s*type\s/.test(part)) ?? false);
    found.push({ name, typeOnly });
  }
  for (const [, name = ''] of text.matchAll(/^import\s+['"]([^'"]+)['"]/gm)) found.push({ name, typeOnly: false });
  for (const [, name = ''] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ name, typeOnly: false });
  return found;
}

const isWithin = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

/** The room with the longest name that holds the file. */
function findRoom(file: string): Room | undefined {
  return HOUSE.filter(({ at }) => isWithin(file, at)).sort((a, b) => b.at.length - a.at.length)[0];
}

/** Why the file may not import that; undefined where it may. */
function judge(file: string, room: Room, { name, typeOnly }: Import): string | undefined {
  if (!name.startsWith('.')) {
    if (name.startsWith('node:')) return room.node === false ? `${file} imports ${name}` : undefined;
    const fits = room.packages.some((known) => isWithin(name, known));
    return fits ? undefined : `${file} imports the package ${name}`;
  }
  const target = relative(ROOT, resolve(ROOT, dirname(file), name));
  // One provider, protocol or page is a room of its own and knows its neighbours as little as anybody else.
  const own = room.each ? file.split('/', room.at.split('/').length + 1).join('/') : room.at;
  if (isWithin(target, own) || target.startsWith(own.replace(/\.tsx?$/, '.'))) return undefined;
  if (room.may.some((place) => isWithin(target, place))) return undefined;
  if (typeOnly && room.mayTypes?.some((place) => isWithin(target, place))) return undefined;
  return `${file} imports ${target}`;
}

describe('imports', () => {
  test('every source file lies in a room of the house', () => {
    expect(sources.filter((file) => findRoom(file) === undefined)).toEqual([]);
  });

  test('every room of the table exists', () => {
    const empty = HOUSE.filter(({ at }) => !sources.some((file) => isWithin(file, at)));
    expect(empty.map(({ at }) => at)).toEqual([]);
  });

  test('a file imports only what its room may', () => {
    const wrong = sources.flatMap((file) => {
      const room = findRoom(file);
      return room === undefined ? [] : readImports(read(file)).map((found) => judge(file, room, found));
    });
    expect(wrong.filter((why) => why !== undefined)).toEqual([]);
  });

  test('imports of every kind are seen', () => {
    const text = `import type { A } from './a.ts';
import { type B, type C } from './b.ts';
import {
  d,
  type E,
} from './d.ts';
import f from 'f';
import './g.css';
export * from './h.ts';
const i = await import('./i.ts');`;
    expect(readImports(text).map(({ name, typeOnly }) => (typeOnly ? `type ${name}` : name))).toEqual([
      'type ./a.ts',
      'type ./b.ts',
      './d.ts',
      'f',
      './h.ts',
      './g.css',
      './i.ts',
    ]);
  });
});

describe('names', () => {
  const registered = ['providers', 'protocols'].flatMap((kind) =>
    readdirSync(join(ROOT, 'main', kind), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'kit')
      .map((entry) => ({ id: entry.name, folder: `main/${kind}/${entry.name}`, registry: `main/${kind}/registry.ts` })),
  );

  test('there are providers and protocols to look for', () => {
    expect(registered.length).toBeGreaterThan(1);
  });

  test.each(registered)('$id occurs nowhere but in its folder and its registry line', ({ id, folder, registry }) => {
    // A plain word means much else, so it counts only as a string or as part of a path; packages have names of their own.
    const pattern = id.includes('-') ? `(?<![\\w-]|@[\\w-]+/)${id}(?![\\w-])` : `(['"\`])${id}\\1|/${id}/`;
    const leaks = files
      .filter((file) => !isTest(file) && !isWithin(file, folder) && file !== registry)
      .filter((file) => new RegExp(pattern).test(read(file)));
    expect(leaks).toEqual([]);
    const lines = read(registry).split('\n');
    expect(lines.filter((line) => new RegExp(pattern).test(line))).toHaveLength(1);
  });
});

describe('files', () => {
  test(`none is longer than ${MOST_LINES} lines`, async ({ annotate }) => {
    const long = files
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > MANY_LINES)
      .sort((a, b) => b.lines - a.lines)
      .map(({ file, lines }) => ({ name: `${lines} ${file}`, tooLong: lines > MOST_LINES && !isTest(file) }));
    if (long.length > 0) await annotate(`over ${MANY_LINES} lines: ${long.map(({ name }) => name).join(', ')}`);
    expect(long.filter(({ tooLong }) => tooLong).map(({ name }) => name)).toEqual([]);
  });

  test('each opens by saying what it is for', () => {
    const silent = files.filter((file) => !/^(#!.*\n)?(\/\/|\/\*)/.test(read(file)));
    expect(silent).toEqual([]);
  });

  test('the two sides are two TypeScript projects', () => {
    const project = (name: string) => JSON.parse(read(`tsconfig.${name}.json`));
    const main = project('main');
    const renderer = project('renderer');
    expect(main.compilerOptions.lib).not.toContain('dom');
    expect(renderer.compilerOptions.types).not.toContain('node');
    expect(main.include).toContain('main');
    expect(main.include).not.toContain('renderer');
    expect(renderer.include).toContain('renderer');
    expect(renderer.include).not.toContain('main');
  });
});
