// The list of dialects as people are told of it.
import { expect, it } from 'vitest';
import { listDialects } from '../../../main/protocols/registry.ts';
import { listTestProtocols } from '../../support/books.ts';

it('leaves out only what is reached by a base URL that it names', () => {
  const protocols = listTestProtocols();
  const named = listDialects(protocols);
  const unnamed = protocols.filter((protocol) => !named.includes(protocol));
  expect(unnamed.map(({ id }) => id)).toEqual([
    'openai-completions',
    'openai-embeddings',
    'openai-images',
    'projects-api',
  ]);
  const bases = named.map(({ basePath }) => basePath);
  for (const { basePath } of unnamed) expect(bases).toContain(basePath);
});
