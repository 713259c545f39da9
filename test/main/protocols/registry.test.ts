// The list of dialects as people are told of it.
import { expect, it } from 'vitest';
import { createProtocols } from '../../../main/protocols/registry.ts';

it('leaves out only what is reached by a base URL that it names', () => {
  const protocols = createProtocols();
  const named = protocols.filter(({ listed }) => listed !== false).map(({ basePath }) => basePath);
  const unnamed = protocols.filter(({ listed }) => listed === false);
  expect(unnamed.length).toBeGreaterThan(0);
  for (const { basePath } of unnamed) expect(named).toContain(basePath);
});
