// How arguments that a model wrote are held against a tool's schema.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../../main/canonical/conversation.ts';
import { checkArguments } from '../../../../../main/providers/kit/emulated-tools/check-arguments.ts';

const EVIL = '^(a+)+$';
const TEXT = `${'a'.repeat(40)}!`;

test.each<[string, JsonObject, JsonObject]>([
  ['pattern', { properties: { a: { type: 'string', pattern: EVIL } } }, { a: TEXT }],
  [
    'patternProperties',
    { patternProperties: { [EVIL]: { type: 'string' } }, additionalProperties: false },
    { [TEXT]: 1 },
  ],
  ['propertyNames', { propertyNames: { pattern: EVIL } }, { [TEXT]: 1 }],
  ['$defs', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { pattern: EVIL } } }, { a: TEXT }],
  ['anyOf', { properties: { a: { anyOf: [{ pattern: EVIL }, { type: 'number' }] } } }, { a: TEXT }],
])('runs no regular expression of a schema: %s', (_name, schema, value) => {
  const before = performance.now();
  expect(checkArguments(value, { type: 'object', ...schema })).toEqual({ value, isChanged: false });
  expect(performance.now() - before).toBeLessThan(1_000);
});

test('knows a property named pattern from the keyword', () => {
  const schema = { type: 'object', properties: { pattern: { type: 'string', enum: ['x'] } }, required: ['pattern'] };
  expect(checkArguments({ pattern: 'x' }, schema)).toEqual({ value: { pattern: 'x' }, isChanged: false });
  expect(checkArguments({ pattern: 'y' }, schema)).toHaveProperty('fault');
  expect(checkArguments({}, schema)).toHaveProperty('fault');
});

test('checks the rest of a schema that has some', () => {
  const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^x', maxLength: 3 } } };
  expect(checkArguments({ a: 'yyyy' }, schema)).toHaveProperty('fault');
});
