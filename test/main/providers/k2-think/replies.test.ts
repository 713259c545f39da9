// Every form in which K2-Think has marked thinking and ended streams, cut at every byte; and streams made at random.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import {
  type CreateWords,
  createReplyReader,
  readWholeReply,
} from '../../../../main/providers/k2-think/reply-reader.ts';
import { createReplyWords } from '../../../../main/providers/k2-think/reply-words.ts';
import type { ReasoningHandling } from '../../../../main/providers/kit/reasoning-splitter.ts';
import { everySplit, readPieces } from '../../../support/splits.ts';

interface Form {
  handling?: ReasoningHandling;
  isCumulative?: boolean;
  isCollected?: boolean;
}

const words =
  ({ handling = 'reasoning', isCumulative = false, isCollected = false }: Form): CreateWords =>
  (writer) =>
    createReplyWords({ handling, isCumulative, isCollected, sayText: writer.text, sayReasoning: writer.reasoning });

function join(events: readonly ConversationEvent[]) {
  const said = { reasoning: '', text: '', end: '' };
  for (const event of events) {
    if (event.type === 'text-delta') said.text += event.text;
    if (event.type === 'reasoning-delta') said.reasoning += event.text;
    if (event.type === 'reply-end') said.end = event.finishReason.kind;
    if (event.type === 'error') said.end = `${event.error.kind}: ${event.error.message}`;
  }
  return said;
}

const write = (payloads: readonly (object | string)[]) =>
  Buffer.from(payloads.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join(''));
const delta = (content: string) => ({ choices: [{ delta: { content } }] });
const stream = (texts: readonly string[], end = '[DONE]') => write([...texts.map(delta), end]);
const grow = (texts: readonly string[]) => texts.map((_, at) => texts.slice(0, at + 1).join(''));
const read = (bytes: Buffer, form: Form = {}) => join(readPieces(() => createReplyReader(words(form)), [bytes]));
const readWhole = (content: string, form: Form = {}) =>
  join(
    readWholeReply(
      JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }] }),
      words({ ...form, isCollected: true }),
    ),
  );

const CASES: Readonly<Record<string, readonly [pieces: string[], reasoning: string, text: string]>> = {
  'a block of the guest stream': [
    [
      '<details type="reasoning" done="true" duration="3">\n<summary>Thought',
      ' for 3 s</summary>\nOne.\nTwö.',
      '\n</details>\n<answer>',
      'Yes, ',
      '“é”</answer>',
    ],
    'One.\nTwö.',
    'Yes, “é”',
  ],
  'the tags of the first model': [
    ['<think>One. ', 'Two.</think>', '<answer>', 'Yes.', '</ans', 'wer>'],
    'One. Two.',
    'Yes.',
  ],
  'the tag of the newer model with its duration': [
    ['<think dura', 'tion="12">One.', '\n</think>\n\nYes', '.'],
    'One.',
    'Yes.',
  ],
  'a closing tag alone': [['One. Two.', '</thi', 'nk>', '\nYes.'], 'One. Two.', 'Yes.'],
  'a closing tag alone and an answer in tags': [['One.', '</think><answer>Yes.</answer>\n'], 'One.', 'Yes.'],
  'no mark at all': [['Yes, ', 'indeed: 1 < 2.'], '', 'Yes, indeed: 1 < 2.'],
  'an answer in tags alone': [['<answer>Yes.', '</answer>'], '', 'Yes.'],
  'thinking that never ends': [['<think>One.', ' Two.'], 'One. Two.', ''],
  'empty thinking': [['<think>\n</think>\n', 'Yes.'], '', 'Yes.'],
  'a block of the answer itself': [
    ['<think>One.</think>See <details><summary>More</summary>x</details> there.'],
    'One.',
    'See <details><summary>More</summary>x</details> there.',
  ],
  'an unmarked answer with a block': [
    ['See <details><summary>More</summary>x</details> there.'],
    '',
    'See <details><summary>More</summary>x</details> there.',
  ],
};

describe.each(Object.entries(CASES))('%s', (_name, [pieces, reasoning, text]) => {
  it('is parted in a stream, wherever it is cut', () => {
    for (const split of everySplit(stream(pieces))) {
      expect(join(readPieces(() => createReplyReader(words({})), split))).toEqual({ reasoning, text, end: 'stop' });
    }
  });

  it('is parted in a stream whose pieces repeat all that came before, wherever it is cut', () => {
    for (const split of everySplit(stream(grow(pieces)))) {
      const seen = join(readPieces(() => createReplyReader(words({ isCumulative: true })), split));
      expect(seen).toEqual({ reasoning, text, end: 'stop' });
    }
  });

  it('is parted in one piece, and in a collected stream', () => {
    expect(readWhole(pieces.join(''))).toEqual({ reasoning, text, end: 'stop' });
    expect(read(stream(pieces), { isCollected: true })).toEqual({ reasoning, text, end: 'stop' });
    expect(read(stream(grow(pieces)), { isCumulative: true, isCollected: true })).toEqual({
      reasoning,
      text,
      end: 'stop',
    });
  });

  it('leaves its thinking out where it is not wanted', () => {
    expect(read(stream(pieces), { handling: 'remove' })).toEqual({ reasoning: '', text, end: 'stop' });
    expect(readWhole(pieces.join(''), { handling: 'remove' })).toEqual({ reasoning: '', text, end: 'stop' });
  });

  it('passes as it came where its tags are wanted', () => {
    expect(read(stream(pieces), { handling: 'pass' }).text).toBe(pieces.join(''));
    expect(readWhole(pieces.join(''), { handling: 'pass' }).text).toBe(pieces.join(''));
  });
});

describe('a block that is written anew as it grows', () => {
  const block = (thought: string, done = false) =>
    `<details type="reasoning" done="${done}"${done ? ' duration="2"' : ''}>\n<summary>${done ? 'Thought for 2 s' : 'Thinking…'}</summary>\n${thought}\n</details>\n`;
  const snapshots = [
    block('One'),
    block('One. Two'),
    block('One. Two.'),
    block('One. Two.', true),
    `${block('One. Two.', true)}<answer>Ye`,
    `${block('One. Two.', true)}<answer>Yes.</answer>`,
  ];

  it('is told once, as it grows', () => {
    for (const split of everySplit(stream(snapshots))) {
      const events = readPieces(() => createReplyReader(words({ isCumulative: true })), split);
      expect(join(events)).toEqual({ reasoning: 'One. Two.', text: 'Yes.', end: 'stop' });
      const pieces = events.flatMap((event) => (event.type === 'reasoning-delta' ? [event.text] : []));
      expect(pieces).toEqual(['One', '. Two', '.']);
    }
  });

  it('is an error where a part of the answer that was sent on has changed', () => {
    const changed = [`${block('One.', true)}<answer>Yes, of course`, `${block('One.', false)}<answer>No.</answer>`];
    expect(read(stream(changed), { isCumulative: true }).end).toContain('changed the part of its answer');
    const collected = read(stream(changed), { isCumulative: true, isCollected: true });
    expect(collected).toEqual({ reasoning: 'One.', text: 'No.', end: 'stop' });
  });
});

describe('closing tags that repeat', () => {
  const said = 'I close with </think> soon.</think>Yes.';

  it('belong to the thinking in one piece', () => {
    expect(readWhole(`<think>${said}`)).toMatchObject({ reasoning: 'I close with  soon.', text: 'Yes.' });
  });

  it('never reach the client in a stream', () => {
    for (const split of everySplit(stream([`<think>${said}`]))) {
      expect(join(readPieces(() => createReplyReader(words({})), split)).text).toBe('soon.Yes.');
    }
  });
});

describe('the end of a stream', () => {
  it.each(['[DONE]', 'DONE', 'done', '-1', ''])('is marked by "%s"', (end) => {
    const reader = createReplyReader(words({}));
    const events = reader.push(write([delta('<think>a</think>b'), end, delta('more')]));
    expect(join(events)).toEqual({ reasoning: 'a', text: 'b', end: 'stop' });
    expect(reader.ended).toBe(true);
  });

  it('is none where an empty payload comes before any word', () => {
    expect(read(write(['', delta('<think>a</think>b'), '[DONE]'])).text).toBe('b');
  });

  it('is known by a finish reason or "done" though the connection just closes', () => {
    const closing = { choices: [{ delta: {}, finish_reason: 'length' }] };
    expect(read(write([{ content: '<think>a</think>b' }, closing])).end).toBe('length');
    expect(read(write([{ content: '<think>a</think>b' }, { done: true }])).end).toBe('stop');
  });

  it('is an error where nothing has marked it', () => {
    expect(read(write([delta('<think>a</think>b')])).end).toBe(
      'upstream: K2-Think closed the connection in the middle of its answer.',
    );
  });
});

describe('odd payloads', () => {
  it('bring the usage', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 40, total_tokens: 45 };
    const reader = createReplyReader(words({}));
    const events = reader.push(write([{ content: 'x' }, { usage }, '[DONE]']));
    expect(events).toContainEqual({ type: 'usage', usage: { inputTokens: 5, outputTokens: 40 } });
  });

  it('may follow each other without empty lines, with other lines between them', () => {
    const bytes = Buffer.from(
      `: hi\r\nevent: x\r\ndata:${JSON.stringify(delta('<think>a</think>b'))}\r\ndata: DONE\r\n`,
    );
    expect(read(bytes)).toEqual({ reasoning: 'a', text: 'b', end: 'stop' });
  });

  it.each([
    [{ error: { message: 'Rate limit reached' } }, 'rate-limited: Rate limit reached'],
    [{ detail: 'Server is at capacity' }, 'overloaded: Server is at capacity'],
    [{ error: 'It broke' }, 'upstream: It broke'],
    [
      { detail: 'Your session has expired or the token is invalid.' },
      'unauthorized: Your session has expired or the token is invalid.',
    ],
    ['<html>', 'upstream: K2-Think sent a web page.'],
    ['[1]', 'upstream: K2-Think sent something that is no answer: [1]'],
  ])('that are errors end the stream with their words: %j', (payload, end) => {
    expect(read(write([delta('<think>a</think>b'), payload])).end).toBe(end);
  });
});

describe('streams made at random', () => {
  const plain = fc
    .array(
      fc.constantFrom('yes', ' ', '\n', 'a < b', '<', 'ö', '`x`', '<b>', '</p>', '👍', '<ans', '</thin', '“', 'think'),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join('').trim())
    .filter((text) => text !== '' && !/<\/?(ans|thin)$/.test(text));
  const mark = fc.constantFrom(
    (thought: string, answer: string) =>
      `<details type="reasoning" done="true">\n<summary>Thought</summary>\n${thought}\n</details>\n<answer>${answer}</answer>`,
    (thought: string, answer: string) => `<think>${thought}</think><answer>${answer}</answer>`,
    (thought: string, answer: string) => `<think duration="7">${thought}</think>\n${answer}`,
    (thought: string, answer: string) => `${thought}</think>\n${answer}`,
  );

  it('never leak a mark, cumulative or not, in one piece or in many (10,200 of them)', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(plain, plain, mark, cuts, (thought, answer, form, sizes) => {
        const whole = form(thought, answer);
        const pieces: string[] = [];
        const letters = [...whole];
        for (let at = 0; letters.length > 0; at++) pieces.push(letters.splice(0, sizes[at % sizes.length]).join(''));
        const said = { reasoning: thought, text: answer, end: 'stop' };
        expect(read(stream(pieces))).toEqual(said);
        expect(read(stream(grow(pieces)), { isCumulative: true })).toEqual(said);
        expect(readWhole(whole)).toEqual(said);
      }),
      { numRuns: 3_400 },
    );
  });
});
