// Requests for embeddings, and the list that answers them.
import { expect, it } from 'vitest';
import { writeResult } from '../../../../main/protocols/openai-embeddings/index.ts';
import { readEmbeddingRequest } from '../../../../main/protocols/openai-embeddings/request.ts';

const read = (extra: object) => readEmbeddingRequest({ model: 'm', ...extra });

it.each([
  ['a text', 'one', ['one']],
  ['texts', ['one', ''], ['one', '']],
  ['tokens', [1, 2], [[1, 2]]],
  ['lists of tokens', [[1], [2, 3]], [[1], [2, 3]]],
  ['texts and tokens', ['one', [2, 3]], ['one', [2, 3]]],
])('takes %s', (_name, input, inputs) => {
  expect(read({ input }).inputs).toEqual(inputs);
});

it.each([
  [{}, 'input must be a text or a list'],
  [{ input: [] }, 'input must be a text or a list'],
  [{ input: [[]] }, 'input[0] must be a text or a list of tokens'],
  [{ input: ['a', {}] }, 'input[1] must be a text or a list of tokens'],
  [{ input: [1, 'a'] }, 'input[0] must be a text or a list of tokens'],
  [{ input: 'a', model: 1 }, 'model must be a text'],
  [{ input: 'a', encoding_format: 'int8' }, 'encoding_format must be float or base64'],
  [{ input: 'a', dimensions: '3' }, 'dimensions must be a number'],
])('refuses by the name of the field: %j', (extra, words) => {
  expect(() => read(extra)).toThrow(words);
});

const head = { requestId: 'r1', model: 'asked', createdAt: 5, note: () => {} };

it('writes the form that was asked for, whichever one came', () => {
  const numbers = [0.5, -2];
  const base64 = Buffer.from(new Float32Array(numbers).buffer).toString('base64');
  const vectors = [numbers, base64];
  const write = (encoding?: string) =>
    writeResult({ vectors }, read({ input: ['a', 'b'], encoding_format: encoding }), head);
  const list = (embedding: unknown) => ({
    object: 'list',
    data: [
      { object: 'embedding', index: 0, embedding },
      { object: 'embedding', index: 1, embedding },
    ],
    model: 'asked',
    usage: { prompt_tokens: 0, total_tokens: 0 },
  });
  expect(write()).toEqual(list(numbers));
  expect(write('float')).toEqual(list(numbers));
  expect(write('base64')).toEqual(list(base64));
});

it('does not make numbers out of base64 that holds none', () => {
  expect(() => writeResult({ vectors: ['AAA='] }, read({ input: 'a' }), head)).toThrow('no base64 of 32-bit numbers');
});
