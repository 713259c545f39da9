// A model's other name: asked for only where the first is nobody's.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { chooseName } from '../../../main/server/choose-name.ts';

const protocol = { otherName: (model: string) => (model.startsWith('x') ? `y${model}` : undefined) };

async function choose(model: string, known: readonly string[], kind: 'not-found' | 'upstream' = 'not-found') {
  const asked: string[] = [];
  const chosen = await chooseName(protocol, model, async (name) => {
    asked.push(name);
    if (!known.includes(name)) throw new GatewayError(kind, '');
    return {};
  });
  return [chosen, ...asked];
}

it('is not looked for where there is none, or the first is somebody’s', async () => {
  expect(await choose('a', [])).toEqual(['a']);
  expect(await choose('x', ['x', 'yx'])).toEqual(['x', 'x']);
});

it('is taken where only that is found, and nothing where neither is', async () => {
  expect(await choose('x', ['yx'])).toEqual(['yx', 'x', 'yx']);
  expect(await choose('x', [])).toEqual(['x', 'x', 'yx']);
});

it('does not stand in for a name that could not be looked up', async () => {
  expect(await choose('x', ['yx'], 'upstream')).toEqual(['x', 'x']);
});

it('is none in a dialect that has no such thing', async () => {
  expect(await chooseName({}, 'x', () => Promise.reject(new Error('not asked')))).toBe('x');
});

it('is taken where the first is known only as any name is', async () => {
  const find = (unknown: readonly string[]) => async (name: string) => ({ isUnknown: unknown.includes(name) });
  expect(await chooseName(protocol, 'x', find(['x']))).toBe('yx');
  expect(await chooseName(protocol, 'x', find(['x', 'yx']))).toBe('x');
  expect(await chooseName(protocol, 'x', find([]))).toBe('x');
});
