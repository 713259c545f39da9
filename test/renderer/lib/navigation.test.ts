// Places in the address bar, both ways.
import { expect, test } from 'vitest';
import { readPlace, writePlace } from '../../../renderer/lib/navigation.ts';

test('a place survives its way through the address', () => {
  const parameters = { open: 'req 1/2?&=#%', search: '月之暗面' };
  expect(readPlace(writePlace('requests', parameters))).toEqual({ page: 'requests', parameters });
});

test('an unknown place is the Overview', () => {
  expect(['', '#', '#/', '#/nowhere?open=1', '#/__proto__'].map(readPlace)).toEqual(
    Array.from({ length: 5 }, () => ({ page: 'overview', parameters: {} })),
  );
});
