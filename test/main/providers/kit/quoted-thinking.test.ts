// Thinking that is quoted under a heading, cut in every way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQuotedThinkingSplitter } from '../../../../main/providers/kit/quoted-thinking.ts';
import type { ReasoningHandling } from '../../../../main/providers/kit/reasoning-splitter.ts';

function split(pieces: readonly string[], handling: ReasoningHandling = 'reasoning'): string[] {
  const splitter = createQuotedThinkingSplitter(handling);
  const lines: string[] = [];
  for (const { type, text } of [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]) {
    const head = `${type}: `;
    if (lines.at(-1)?.startsWith(head)) lines[lines.length - 1] += text;
    else lines.push(head + text);
  }
  return lines;
}

describe('thinking in quotes', () => {
  it.each([
    [
      '*Thinking...*\n\n> **Plan**\n> do it\n>\n\nAnswer\n> quoted',
      ['reasoning: **Plan**\ndo it\n\n', 'text: Answer\n> quoted'],
    ],
    ['Thinking... (12s elapsed)\nAnswer', ['text: Answer']],
    ['Thinking...', []],
    ['Thinking... is hard', ['text: Thinking... is hard']],
    ['Thinking about it', ['text: Thinking about it']],
    ['> a quote', ['text: > a quote']],
    ['Thinking...\n> cut off', ['reasoning: cut off']],
    ['*Thinking...*\n\n```text\nfirst\n> then\n```\n\nAnswer', ['reasoning: first\n> then\n', 'text: Answer']],
    ['Thinking...\n```js\ncode\n```', ['text: ```js\ncode\n```']],
    ['Thinking...\n```\ncode\n```', ['text: ```\ncode\n```']],
    ['Thinking...\n> a\n```text\ncode\n```', ['reasoning: a\n', 'text: ```text\ncode\n```']],
    ['Thinking...\n```text\nnever closed', ['reasoning: never closed']],
    ['```text\nAnswer\n```', ['text: ```text\nAnswer\n```']],
  ])('%j', (text, lines) => {
    expect(split([text])).toEqual(lines);
    for (let at = 1; at < text.length; at++) expect(split([text.slice(0, at), text.slice(at)])).toEqual(lines);
    expect(split([...text])).toEqual(lines);
  });

  it('may stand in a block of text at the beginning where the model is known for it', () => {
    const text = '```text\nhm\n```\nAnswer\n```text\ncode\n```';
    const splitOnce = (pieces: readonly string[]) => {
      const splitter = createQuotedThinkingSplitter('reasoning', { mayFence: true });
      const said = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
      const join = (type: string) => said.flatMap((piece) => (piece.type === type ? [piece.text] : [])).join('');
      return [join('reasoning'), join('text')];
    };
    const parted = ['hm\n', 'Answer\n```text\ncode\n```'];
    expect(splitOnce([text])).toEqual(parted);
    expect(splitOnce([...text])).toEqual(parted);
    expect(splitOnce(['```js\ncode\n```'])).toEqual(['', '```js\ncode\n```']);
  });

  it('is removed, passed on or shown without its quotes where that is wanted', () => {
    const text = '*Thinking...*\n> hm\n\nAnswer';
    expect(split([text], 'remove')).toEqual(['text: Answer']);
    expect(split([text], 'pass')).toEqual([`text: ${text}`]);
    expect(split([text], 'strip-tags')).toEqual(['text: hm\n\nAnswer']);
  });

  it('means the same however it is cut, and loses nothing that is no heading', () => {
    const piece = fc.constantFrom(
      'Thinking...',
      '*',
      ' (3s elapsed)',
      '\n',
      '> ',
      'a',
      ' ',
      '(',
      's',
      '```text',
      '```',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.constantFrom<ReasoningHandling>('reasoning', 'pass'),
        (words, how) => {
          const text = words.join('');
          expect(split(words, how)).toEqual(split([text], how));
          expect(split([...text], how)).toEqual(split([text], how));
          if (how === 'pass') expect(split([text], how).join('')).toBe(text === '' ? '' : `text: ${text}`);
        },
      ),
      { numRuns: 500 },
    );
  });
});
