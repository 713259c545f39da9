// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { makeQuestion } from '../support/fake-projects.ts';
import { openApp } from './render-app.tsx';

const THREE = [makeQuestion(), makeQuestion({ id: 'q2', what: 'second' }), makeQuestion({ id: 'q3', what: 'third' })];

/** The bar once its buttons take presses. */
async function findBar() {
  const bar = await screen.findByRole('region', { name: 'An agent asks you' });
  await waitFor(() =>
    expect(within(bar).getByRole('button', { name: 'Allow once' })).toHaveProperty('disabled', false),
  );
  return bar;
}

test('a question is seen and announced on every page, with nothing focused', async () => {
  const { fake } = openApp('/requests');
  await screen.findByText('40 requests');
  fake.tell({ type: 'questions', questions: [makeQuestion()] });
  const bar = await findBar();
  expect(within(bar).getByText('npm install stripe@latest')).toBeTruthy();
  expect(within(bar).getByText('Bash(npm install *)')).toBeTruthy();
  expect(within(bar).getByText(/^9 min 4\d s left$/)).toBeTruthy();
  const said = screen.getByText('The agent of Company site asks to use Bash: npm install stripe@latest');
  expect(said.getAttribute('aria-live')).toBe('assertive');
  expect(bar.contains(document.activeElement)).toBe(false);
  expect(document.title).toContain('(1) An agent asks');
});

test('each button gives its answer, and the next question follows', async () => {
  const { fake, user } = openApp('/overview', { questions: THREE });
  expect(within(await findBar()).getByText('1 of 3')).toBeTruthy();
  await user.click(within(await findBar()).getByRole('button', { name: 'Allow once' }));
  await screen.findByText('second');
  await user.click(within(await findBar()).getByRole('button', { name: 'Allow for this session' }));
  await screen.findByText('third');
  const last = await findBar();
  await user.type(within(last).getByRole('textbox'), 'Use the library we have.{Enter}');
  await waitFor(() => expect(screen.queryByRole('region', { name: 'An agent asks you' })).toBeNull());
  expect(fake.calls.filter(({ name }) => name === 'questions.answer').map(({ input }) => input)).toEqual([
    { id: 'q1', answer: { verdict: 'once' } },
    { id: 'q2', answer: { verdict: 'session' } },
    { id: 'q3', answer: { verdict: 'refuse', words: 'Use the library we have.' } },
  ]);
});

test('a key pressed again does not allow the next question', async () => {
  const { fake, user } = openApp('/overview', { questions: THREE });
  within(await findBar())
    .getByRole('button', { name: 'Allow once' })
    .focus();
  await user.keyboard('{Enter}');
  await screen.findByText('second');
  await user.keyboard('{Enter}{Enter}');
  expect(screen.getByText('second')).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByRole('region', { name: 'An agent asks you' }));
  expect(fake.calls.filter(({ name }) => name === 'questions.answer')).toHaveLength(1);
});

test('F6 brings the keyboard to the question, out of an open sheet, too', async () => {
  const { user } = openApp('/projects?edit=notes', { questions: [makeQuestion()] });
  await screen.findByRole('dialog', { name: 'Change Notes' });
  const bar = await findBar();
  await user.keyboard('{F6}');
  expect(document.activeElement).toBe(bar);
});

test('what is hidden in a command is written out, and the whole of it is shown on demand', async () => {
  const { user } = openApp('/overview', {
    questions: [makeQuestion({ what: 'echo \u202egpj.exe', detail: 'line 1\nline 2\u200b', rule: undefined })],
  });
  const bar = await findBar();
  expect(within(bar).getByText('echo \\u{202e}gpj.exe')).toBeTruthy();
  expect(within(bar).queryByRole('button', { name: 'Allow for this session' })).toBeNull();
  await user.click(within(bar).getByRole('button', { name: 'Show all of it' }));
  expect(within(bar).getByText(/line 2\\u\{200b\}/)).toBeTruthy();
});

test('nothing more is offered to see where the line is all there is', async () => {
  openApp('/overview', { questions: [makeQuestion({ what: 'ls -a ..', detail: 'ls -a ..' })] });
  const bar = await findBar();
  expect(within(bar).queryByRole('button', { name: 'Show all of it' })).toBeNull();
});
