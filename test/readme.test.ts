// The README's tables, held against what they are made from. `UPDATE_README=1 npx vitest run test/readme.test.ts`
// writes them anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHttpClient } from '../main/http/client.ts';
import { providers } from '../main/providers/registry.ts';
import { createLogger } from '../main/util/logger.ts';
import { listTestProtocols } from './support/books.ts';
import { HOUSE } from './support/house-rules.ts';
import { quietServices } from './support/quiet-services.ts';

const FILE = join(import.meta.dirname, '..', 'README.md');
const isUpdate = process.env.UPDATE_README === '1';

const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

function writeImportTable(): string {
  const rows = HOUSE.map(({ at, each, may, mayTypes = [], packages }) => {
    const types = mayTypes.length === 0 ? '' : `; types of ${code(mayTypes)}`;
    const imports = may.length + mayTypes.length === 0 ? '-' : `${code(may)}${types}`.replace(/^; /, '');
    return `| \`${at}\`${each ? ' (each)' : ''} | ${imports} | ${packages.join(', ') || '-'} |`;
  });
  return ['| room | may import | packages |', '|---|---|---|', ...rows].join('\n');
}

function writeProviderTable(): string {
  const logger = createLogger({ level: 'error', write: () => {}, redact: (text) => text });
  const limits = () => ({ firstByteMs: 1, idleMs: 1 });
  const http = createHttpClient();
  const rows = providers.map((create) => {
    const { id, name, card } = create({ ...quietServices, http, logger, folder: '', limits });
    return `| ${name} (\`${id}\`) | ${card.standing} | ${card.spends} |`;
  });
  return ['| provider | standing | what it spends |', '|---|---|---|', ...rows].join('\n');
}

function writeProtocolTable(): string {
  const rows = listTestProtocols().map(({ id, name, basePath, routes }) => {
    const paths = new Set(routes.map(({ path }) => path));
    return `| ${name} (\`${id}\`) | ${basePath === '' ? '-' : code([basePath])} | ${code([...paths])} |`;
  });
  return ['| dialect | base path | paths |', '|---|---|---|', ...rows].join('\n');
}

test.each([
  ['imports', writeImportTable],
  ['providers', writeProviderTable],
  ['protocols', writeProtocolTable],
])('the table of %s is true', (name, write) => {
  const readme = readFileSync(FILE, 'utf8');
  const block = new RegExp(`(<!-- ${name}: made by test/readme.test.ts -->\n)([^]*?)(<!-- end -->)`);
  if (isUpdate)
    writeFileSync(
      FILE,
      readme.replace(block, (_all, begin, _old, end) => `${begin}${write()}\n${end}`),
    );
  else expect(block.exec(readme)?.[2]).toBe(`${write()}\n`);
});
