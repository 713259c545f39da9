// What agents ask: until it is answered, given up, or its time is over.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createQuestionDesk, type QuestionDesk } from '../../../main/projects/question-desk.ts';

const ASKED = { projectId: 'p', projectName: 'P', tool: 'Bash', what: 'npm test', rule: 'Bash(npm test)' };
let desk: QuestionDesk;
let told: number;

beforeEach(() => {
  vi.useFakeTimers();
  desk = createQuestionDesk({ waitMs: () => 1_000 });
  told = 0;
  desk.onChange(() => {
    told += 1;
  });
});
afterEach(() => {
  desk.close();
  vi.useRealTimers();
});

const ask = (signal = new AbortController().signal) => desk.ask(ASKED, signal);

it('a question is open until its answer, which goes to who asked', async () => {
  const [one, two] = [ask(), ask()];
  const [first, second] = desk.list();
  expect(first).toMatchObject({ ...ASKED, until: (first?.askedAt ?? 0) + 1_000 });
  expect(desk.answer(second?.id ?? '', { verdict: 'refuse', words: 'No.' })).toBe(true);
  expect(desk.answer(second?.id ?? '', { verdict: 'once' })).toBe(false);
  expect(await two).toEqual({ verdict: 'refuse', words: 'No.' });
  expect(desk.list()).toEqual([first]);
  expect(desk.answer(first?.id ?? '', { verdict: 'session' })).toBe(true);
  expect([await one, told]).toEqual([{ verdict: 'session' }, 4]);
});

it('nobody who answers in time is no answer', async () => {
  const answer = ask();
  vi.advanceTimersByTime(999);
  expect(desk.list()).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect([await answer, desk.list()]).toEqual([undefined, []]);
});

it('who asked may give up, before the question or during it', async () => {
  const gone = new AbortController();
  const answer = ask(gone.signal);
  gone.abort();
  expect([await answer, desk.list(), await ask(gone.signal)]).toEqual([undefined, [], undefined]);
});

it('all are given up when Patchbay stops, and more than a person can read at once', async () => {
  const answers = Array.from({ length: 100 }, () => ask());
  expect(await ask()).toBeUndefined();
  expect(desk.list()).toHaveLength(100);
  desk.close();
  expect(new Set(await Promise.all(answers))).toEqual(new Set([undefined]));
  expect([await ask(), desk.list()]).toEqual([undefined, []]);
});
