// What is taken as a legacy completion and what is refused; the usual ways are tested through the whole house.
import { expect, it } from 'vitest';
import { readCompletionRequest } from '../../../../main/protocols/openai-completions/request.ts';

const read = (extra: object) => readCompletionRequest({ model: 'm', prompt: 'a', ...extra });

it.each([
  [{ model: '' }, 'model must be a text that is not empty'],
  [{ prompt: undefined }, 'prompt must be a text'],
  [{ prompt: ['a', 'b'] }, 'prompt can only be one text'],
  [{ prompt: [1, 2] }, 'prompt must be a text: lists of tokens'],
  [{ prompt: [[1, 2]] }, 'prompt must be a text: lists of tokens'],
  [{ prompt: [] }, 'prompt must be a text'],
  [{ n: 2 }, 'n can only be 1'],
  [{ best_of: 3 }, 'best_of can only be 1'],
  [{ suffix: 7 }, 'suffix must be a text'],
  [{ max_tokens: '9' }, 'max_tokens must be a number'],
  [{ stop: [1] }, 'stop[0] must be a text'],
  [{ stream_options: [] }, 'stream_options must be an object'],
])('refuses by the name of the field: %j', (extra, words) => {
  expect(() => read(extra)).toThrow(words);
});

it('takes an empty prompt and nulls, and keeps fields that it does not know', () => {
  expect(read({ prompt: '', suffix: null, n: null, best_of: 1, stop: null, logprobs: null, top_k: 3 })).toEqual({
    completion: { model: 'm', prompt: '', metadata: { openai: { fields: { top_k: 3 } } } },
    stream: false,
    includeUsage: false,
    echo: '',
    notes: [],
  });
});

it('gives the prompt back where it is wanted', () => {
  expect(read({ echo: true }).echo).toBe('a');
});
