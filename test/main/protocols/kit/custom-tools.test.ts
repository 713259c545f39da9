// The plain text of a tool, in and out of the arguments that carry it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asCustomArguments, unwrapCustomInput, wrapCustomInput } from '../../../../main/protocols/kit/custom-tools.ts';

it('comes out as it went in, whatever it is', () => {
  fc.assert(fc.property(fc.string(), (text) => unwrapCustomInput(wrapCustomInput(text)) === text));
  for (const text of ['{}', '{"input":"x"}', '']) expect(unwrapCustomInput(wrapCustomInput(text))).toBe(text);
});

it('is taken out of what models make of the arguments', () => {
  expect(unwrapCustomInput(' {"input":"x"}')).toBe('x');
  expect(unwrapCustomInput('{}')).toBe('');
  expect(unwrapCustomInput('')).toBe('');
  for (const text of ['x', '{"input":', '{"input":1}', '{"input":"x","more":1}'])
    expect(unwrapCustomInput(text)).toBe(text);
});

it('is wrapped once, whether a client sends it bare or wrapped', () => {
  expect(asCustomArguments('x')).toBe('{"input":"x"}');
  expect(asCustomArguments('{"input":"x"}')).toBe('{"input":"x"}');
  expect(asCustomArguments('{}')).toBe('{"input":"{}"}');
});
