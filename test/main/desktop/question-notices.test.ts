// What the system tells of questions while nobody looks at the window.
import { expect, test } from 'vitest';
import { createQuestionNotices } from '../../../main/desktop/question-notices.ts';
import type { AgentQuestion } from '../../../shared/projects.ts';

const ask = (id: string, what = 'npm test') => ({ id, projectName: 'Site', tool: 'Bash', what }) as AgentQuestion;

function setUp(isWatched = false) {
  const happened: string[] = [];
  const person = { isWatched };
  const notices = createQuestionNotices({
    isWatched: () => person.isWatched,
    createNotice: (title, body) => ({
      show: () => happened.push(`show ${title}: ${body}`),
      close: () => happened.push(`close ${body}`),
    }),
  });
  return { notices, happened, person };
}

test('each question is told once, and its notice goes with it', () => {
  const { notices, happened } = setUp();
  notices.follow([ask('1')]);
  notices.follow([ask('1'), ask('2', 'ls')]);
  notices.follow([ask('2', 'ls')]);
  expect(happened).toEqual([
    'show The agent of Site asks you: Bash: npm test',
    'show The agent of Site asks you: Bash: ls',
    'close Bash: npm test',
  ]);
});

test('who looks at the window is not told', () => {
  const { notices, happened, person } = setUp(true);
  notices.follow([ask('1')]);
  person.isWatched = false;
  notices.follow([ask('1')]);
  notices.follow([]);
  expect(happened).toEqual([]);
});

test('a long command is cut, and is one line', () => {
  const { notices, happened } = setUp();
  notices.follow([ask('1', `echo\n${'x'.repeat(400)}`)]);
  expect(happened[0]).toMatch(/Bash: echo x+…$/);
  expect(happened[0]?.length).toBeLessThan(220);
});
