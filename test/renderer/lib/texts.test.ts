// Every text is used, and every used text is there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import texts from '../../../renderer/lib/texts.json';

const ROOT = join(import.meta.dirname, '../../../renderer');

const SOURCE = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

function listKeys(branch: object, path = ''): string[] {
  return Object.entries(branch).flatMap(([name, below]: [string, unknown]) =>
    typeof below === 'string' ? [`${path}${name}`] : listKeys(below as object, `${path}${name}.`),
  );
}

test('every text is asked for somewhere', () => {
  const unused = listKeys(texts)
    .map((key) => key.replace(/_(zero|one|other)$/, ''))
    .filter((key) => {
      const parent = key.slice(0, key.lastIndexOf('.'));
      return !SOURCE.includes(`'${key}'`) && !SOURCE.includes(`\`${parent}.\${`);
    });
  expect(unused).toEqual([]);
});
