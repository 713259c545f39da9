// What a reasoning part carries survives a client that only keeps one text of it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readOpaque, writeOpaque } from '../../../../main/protocols/kit/opaque.ts';

it('gives back the texts that it was given, whatever they are', () => {
  const fields = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { minKeys: 1, noNullPrototype: true });
  fc.assert(
    fc.property(fields, (signed) => {
      expect(readOpaque(writeOpaque({ anthropic: signed }))).toEqual({ anthropic: signed });
    }),
  );
});

it('has nothing to carry where there is nothing', () => {
  expect(writeOpaque(undefined)).toBeUndefined();
});

const forge = (value: unknown) => `pb1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

it.each([
  undefined,
  7,
  '',
  'gAAAAAB-of-another-service',
  'pb1.',
  'pb1.!!!',
  forge(null),
  forge('x'),
  forge([1]),
  forge({ a: 'text' }),
])('takes %j for what it is: not its own', (text) => {
  expect(readOpaque(text)).toBeUndefined();
});

it('lets nothing in but texts', () => {
  expect(readOpaque(forge({ anthropic: { signature: 's', block: null, deep: { a: 1 } }, empty: {} }))).toEqual({
    anthropic: { signature: 's' },
  });
});

it('takes a namespace of any name for a namespace', () => {
  const text = `pb1.${Buffer.from('{"__proto__":{"signature":"s"}}').toString('base64url')}`;
  const read = readOpaque(text);
  expect(Object.keys(read ?? {})).toEqual(['__proto__']);
  expect(read?.signature).toBeUndefined();
});
