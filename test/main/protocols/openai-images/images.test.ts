// Wishes for pictures, and the answers to them.
import { expect, it } from 'vitest';
import { writeResult } from '../../../../main/protocols/openai-images/index.ts';
import { readImageRequest } from '../../../../main/protocols/openai-images/request.ts';

const read = (extra: object) => readImageRequest({ model: 'm', prompt: 'A cat', ...extra });

it.each([
  [{ model: undefined }, 'model must name a model'],
  [{ prompt: '' }, 'prompt must be a text that is not empty'],
  [{ n: 'two' }, 'n must be a number'],
  [{ size: 1024 }, 'size must be a text'],
  [{ response_format: 'png' }, 'response_format must be url or b64_json'],
  [{ stream: true }, 'stream can only be false'],
  [{ partial_images: 2 }, 'partial_images can only be 0'],
])('refuses by the name of the field: %j', (extra, words) => {
  expect(() => read(extra)).toThrow(words);
});

it('takes nulls, and keeps fields that it does not know', () => {
  const extra = { n: null, size: null, response_format: null, stream: false, partial_images: 0, output_format: 'webp' };
  expect(read(extra)).toEqual({
    model: 'm',
    prompt: 'A cat',
    metadata: { openai: { fields: { output_format: 'webp' } } },
  });
});

it('writes pictures of an upstream of another dialect, with its counts', () => {
  const head = { requestId: 'r1', model: 'm', createdAt: 5, note: () => {} };
  const images = [
    { source: { type: 'base64', data: 'AAAA' }, mediaType: 'image/png' },
    { source: { type: 'url', url: 'https://example.com/cat.png' }, revisedPrompt: 'A grey cat' },
  ] as const;
  expect(writeResult({ images, usage: { inputTokens: 4, outputTokens: 100 } }, head)).toEqual({
    created: 5,
    data: [{ b64_json: 'AAAA' }, { url: 'https://example.com/cat.png', revised_prompt: 'A grey cat' }],
    usage: { input_tokens: 4, output_tokens: 100, total_tokens: 104 },
  });
});
