// Thinking between tags, cut in every way: what stands between them and what stands outside, nothing lost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createReasoningSplitter,
  type ReasoningForm,
  type ReasoningHandling,
  THINKING_TAGS,
} from '../../../../main/providers/kit/reasoning-splitter.ts';

const form = (given: Partial<ReasoningForm> = {}): ReasoningForm => ({
  tags: THINKING_TAGS,
  handling: 'reasoning',
  ...given,
});

/** What comes out, by kind and in order, pieces of one kind joined. */
function split(pieces: readonly string[], given: ReasoningForm): string[] {
  const splitter = createReasoningSplitter(given);
  const lines: string[] = [];
  for (const { type, text } of [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]) {
    const head = `${type}: `;
    if (lines.at(-1)?.startsWith(head)) lines[lines.length - 1] += text;
    else lines.push(head + text);
  }
  return lines;
}

/** The same, cut in two everywhere and in single characters. */
function splitEverywhere(text: string, given: ReasoningForm): string[] {
  const whole = split([text], given);
  for (let at = 1; at < text.length; at++) expect(split([text.slice(0, at), text.slice(at)], given)).toEqual(whole);
  expect(split([...text], given)).toEqual(whole);
  return whole;
}

describe('the four ways to handle thinking', () => {
  const text = '\n <thinking>\nhm, </thin\n</thinking>\n\nAnswer </thinking> <think>';
  it.each<[ReasoningHandling, string[]]>([
    ['reasoning', ['reasoning: \nhm, </thin\n', 'text: Answer </thinking> <think>']],
    ['remove', ['text: Answer </thinking> <think>']],
    ['pass', [`text: ${text}`]],
    ['strip-tags', ['text: \n \nhm, </thin\n\n\nAnswer </thinking> <think>']],
  ])('%s', (handling, lines) => {
    expect(splitEverywhere(text, form({ handling }))).toEqual(lines);
  });
});

describe('a tag', () => {
  it.each(THINKING_TAGS)('of each kind opens: $open', ({ open, close }) => {
    expect(splitEverywhere(`${open}a${close}b`, form())).toEqual(['reasoning: a', 'text: b']);
  });

  it('counts only where it stands first', () => {
    expect(splitEverywhere('So: <think>a</think>b', form())).toEqual(['text: So: <think>a</think>b']);
    const far = `${' '.repeat(21)}<think>a</think>b`;
    expect(splitEverywhere(far, form())).toEqual([`text: ${far}`]);
    expect(splitEverywhere(far, form({ leadingCharacters: 30 }))).toEqual(['reasoning: a', 'text: b']);
  });

  it('counts anywhere where that is asked for', () => {
    const text = 'a<b <think>c</think>\n\nd<think>e</think>f<thin';
    const lines = ['text: a<b ', 'reasoning: c', 'text: d', 'reasoning: e', 'text: f<thin'];
    expect(splitEverywhere(text, form({ place: 'anywhere' }))).toEqual(lines);
  });

  it('that is never closed leaves thinking to the end', () => {
    expect(splitEverywhere('<think>a</thi', form())).toEqual(['reasoning: a</thi']);
  });

  it('is closed by its own kind only', () => {
    expect(splitEverywhere('<think>a</thought>b</think>c', form())).toEqual(['reasoning: a</thought>b', 'text: c']);
  });

  it('lets an answer without one through at once', () => {
    const splitter = createReasoningSplitter(form());
    expect(splitter.push('Hi')).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(splitter.push(' <think>')).toEqual([{ type: 'text', text: ' <think>' }]);
  });

  it('holds back no more of thinking than could be its end', () => {
    const splitter = createReasoningSplitter(form());
    expect(splitter.push('<think>long thought</th')).toEqual([{ type: 'reasoning', text: 'long thought' }]);
    expect(splitter.push('ere')).toEqual([{ type: 'reasoning', text: '</there' }]);
  });
});

describe('forms of other models', () => {
  const details = form({
    tags: [
      { open: '<details type="reasoning"', close: '</details>' },
      { open: '<think', close: '</think>' },
    ],
    heading: { open: '<summary>', close: '</summary>' },
    wrapper: { open: '<answer>', close: '</answer>' },
    mayLackOpening: true,
  });

  it.each([
    [
      '<details type="reasoning" open>\n<summary>Thought for 3 s</summary>hm</details>\n<answer>Yes</answer>\n',
      ['reasoning: hm', 'text: Yes'],
    ],
    ['<think>hm</think><answer>Yes <answer></answer>', ['reasoning: hm', 'text: Yes <answer>']],
    ['<think duration="12">hm</think>Yes', ['reasoning: hm', 'text: Yes']],
    ['hm, no opening</think>\nYes', ['reasoning: hm, no opening', 'text: Yes']],
    ['no tags at all', ['text: no tags at all']],
    ['<answer>only this</answer>', ['text: only this']],
    ['<answer>cut off', ['text: cut off']],
    ['<thinker>is none', ['text: <thinker>is none']],
  ])('are told by options: %s', (text, lines) => {
    expect(splitEverywhere(text, details)).toEqual(lines);
  });
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(...THINKING_TAGS.flatMap(({ open, close }) => [open, close])),
    fc.constantFrom('<', '</', '<thi', 'nking>', ' ', '\n\n', '>'),
    fc.string({ maxLength: 5, unit: 'grapheme' }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const given = fc.record({
    tags: fc.constant(THINKING_TAGS),
    handling: fc.constantFrom<ReasoningHandling>('reasoning', 'remove', 'pass', 'strip-tags'),
    place: fc.constantFrom('beginning' as const, 'anywhere' as const),
  });
  const bare = (words: string) => {
    const tag = new RegExp(THINKING_TAGS.flatMap(({ open, close }) => [open, close]).join('|'), 'g');
    // Taking one tag out may join two halves of another.
    let left = words.replaceAll(/\s/g, '');
    while (left.search(tag) >= 0) left = left.replaceAll(tag, '');
    return left;
  };
  const join = (lines: readonly string[]) => lines.map((line) => line.replace(/^(text|reasoning): /, '')).join('');

  it('means the same however it is cut', () => {
    fc.assert(
      fc.property(text, given, fc.array(fc.nat(40), { maxLength: 6 }), (words, options, cuts) => {
        const places = [
          0,
          ...cuts.map((at) => at % (words.length + 1)).sort((one, other) => one - other),
          words.length,
        ];
        const pieces = places.slice(1).map((to, at) => words.slice(places[at], to));
        const whole = split([words], options);
        expect(split(pieces, options)).toEqual(whole);
        expect(split(words.split(''), options)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('comes out whole but for its tags', () => {
    fc.assert(
      fc.property(text, given, (words, options) => {
        const all = join(split([words], options));
        if (options.handling === 'pass') expect(all).toBe(words);
        else if (options.handling !== 'remove') expect(bare(all)).toBe(bare(words));
      }),
      { numRuns: 500 },
    );
  });
});
