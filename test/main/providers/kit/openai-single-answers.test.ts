// The answers of OpenAI-shaped upstreams that come in one piece, and sloppy in ways that are to be told from right ones.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import { readEmbeddings } from '../../../../main/providers/kit/openai-embed-call.ts';
import { readImages } from '../../../../main/providers/kit/openai-image-call.ts';

describe('embeddings', () => {
  it('are put in the order of their inputs', () => {
    const data = [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ];
    expect(readEmbeddings({ data, usage: { total_tokens: 3 } }, 2, 'acme')).toEqual({
      vectors: [[1], [2]],
      usage: { inputTokens: 3 },
    });
  });

  it('without an index are taken as they come, and counts that are none are not made up', () => {
    const data = [{ embedding: [1] }, { embedding: 'AACAPw==' }];
    expect(readEmbeddings({ data, model: '', usage: { prompt_tokens: null } }, 2, 'acme')).toEqual({
      vectors: [[1], 'AACAPw=='],
    });
  });

  it.each([
    [{}, 'an answer without embeddings'],
    [{ data: [] }, '0 embeddings for 1 inputs'],
    [{ data: [{ embedding: [1] }, { embedding: [1] }] }, '2 embeddings for 1 inputs'],
    [{ data: [{ index: 1, embedding: [1] }] }, 'a wrong index (1)'],
    [{ data: [{ embedding: [] }] }, 'neither numbers nor base64'],
    [{ data: [{ embedding: [1, null] }] }, 'neither numbers nor base64'],
    [{ data: [{}] }, 'neither numbers nor base64'],
  ])('of a wrong form are an error: %j', (answer, words) => {
    expect(() => readEmbeddings(answer, 1, 'acme')).toThrow(words);
  });

  it('with one index twice are an error', () => {
    const twice = { index: 0, embedding: [1] };
    expect(() => readEmbeddings({ data: [twice, twice] }, 2, 'acme')).toThrow('a wrong index (0)');
  });
});

describe('pictures', () => {
  it('keep what is said of them, and show their type', () => {
    const data: JsonObject[] = [
      { b64_json: '/9j/AA' },
      { b64_json: 'xxxx', revised_prompt: 'p' },
      { url: 'https://e.com/1' },
    ];
    const { images, usage, metadata } = readImages(
      { data, output_format: 'webp', usage: { prompt_tokens: 2, completion_tokens: 3 } },
      'acme',
    );
    expect(images).toEqual([
      { source: { type: 'base64', data: '/9j/AA' }, mediaType: 'image/jpeg' },
      { source: { type: 'base64', data: 'xxxx' }, mediaType: 'image/webp', revisedPrompt: 'p' },
      { source: { type: 'url', url: 'https://e.com/1' } },
    ]);
    expect(usage).toEqual({ inputTokens: 2, outputTokens: 3 });
    expect(metadata?.openai?.fields).toMatchObject({ output_format: 'webp' });
  });

  it.each([
    [{}, 'no picture'],
    [{ data: [] }, 'no picture'],
    [{ data: [{ b64_json: '' }] }, 'neither a URL nor base64'],
  ])('that are none are an error: %j', (answer, words) => {
    expect(() => readImages(answer, 'acme')).toThrow(words);
  });
});
