// The admin key beside the client keys that Patchbay itself has made.
import { expect, test } from 'vitest';
import { openTokenAdmin, type TokenAdminParts } from '../../../main/engine/open-token-admin.ts';

function open(adminKey: string | undefined) {
  const learned: string[] = [];
  const keys = {
    list: () => [{ id: 'default', name: 'Default' }],
    reveal: (id: string) => (id === 'default' ? 'pb-made-by-patchbay-0123' : undefined),
  };
  // Nothing else is touched before somebody asks.
  const parts = { adminKey, keys, learnSecret: (secret: string) => void learned.push(secret) } as unknown;
  return { door: openTokenAdmin(parts as TokenAdminParts), learned };
}

test('must be no client key, whoever made that', () => {
  expect(() => open('pb-made-by-patchbay-0123')).toThrow('the same as the client key "Default"');
});

test('is kept out of logs', () => {
  expect(open('another-key-0123456789').learned).toEqual(['another-key-0123456789']);
  expect(open(undefined).learned).toEqual([]);
});
