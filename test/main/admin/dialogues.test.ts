// The life of sign-in dialogues: side by side, answered once, bounded in number and time, over when nobody listens.
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDialogues, type Talk } from '../../../main/admin/dialogues.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { SignInStep } from '../../../shared/sign-in.ts';
import type { AccountView, Field } from '../../../shared/views.ts';

const CODE: Field = { name: 'code', label: 'Code', kind: 'secret', required: true };
const PLAN: Field = {
  name: 'plan',
  label: 'Plan',
  kind: 'choice',
  required: true,
  options: [
    { value: 'a', label: 'A' },
    { value: 'b', label: 'B' },
  ],
};
const done = (text: string): SignInStep => ({ type: 'done', text, account: {} as AccountView });
const redact = (text: string) => text.replaceAll('known-secret', '••••');
const stay = () => new AbortController().signal;

/** Asks once and tells what was answered. */
const askOnce: Talk = async (dialogue) => {
  const { code = '' } = await dialogue.ask({ title: 'Code?' }, [CODE]);
  return done(`${code.length} letters`);
};
/** Asks and never gets further. */
const askForEver =
  (onEnd: (reason: unknown) => void = () => {}): Talk =>
  async (dialogue, signal) => {
    signal.addEventListener('abort', () => onEnd(signal.reason), { once: true });
    await dialogue.ask({ title: 'Code?' }, [CODE]);
    return done('');
  };

async function read(steps: AsyncGenerator<SignInStep>): Promise<SignInStep> {
  const { value, done: over } = await steps.next();
  if (over === true) throw new Error('The dialogue is over.');
  return value;
}

/** The next step, which must be a question; the way to answer it. */
async function readQuestion(steps: AsyncGenerator<SignInStep>) {
  const step = await read(steps);
  if (step.type !== 'shown' || step.question === undefined) throw new Error(`No question: ${JSON.stringify(step)}`);
  return { ...step, answer: { dialogue: step.dialogue, question: step.question.id } };
}

test('two dialogues run side by side and each gets its own answer', async () => {
  const dialogues = createDialogues({ redact });
  const [one, other] = [dialogues.open(askOnce, stay()), dialogues.open(askOnce, stay())];
  const [first, second] = [await readQuestion(one), await readQuestion(other)];
  dialogues.answer({ ...second.answer, values: { code: ' 12345 ' } });
  dialogues.answer({ ...first.answer, values: { code: '123' } });
  expect(await read(one)).toMatchObject({ type: 'done', text: '3 letters' });
  expect(await read(other)).toMatchObject({ type: 'done', text: '5 letters' });
  expect((await one.next()).done).toBe(true);
});

test('an answer counts once, for the question that is open, and only as its fields take it', async () => {
  const dialogues = createDialogues({ redact });
  const steps = dialogues.open(async (dialogue) => {
    const { plan } = await dialogue.ask({ title: 'Plan?' }, [PLAN, CODE]);
    await dialogue.ask({ title: 'Again?' }, [CODE], 'That was wrong.');
    return done(String(plan));
  }, stay());
  const { answer } = await readQuestion(steps);
  expect(() => dialogues.answer({ ...answer, values: {} })).toThrow('Code is needed.');
  expect(() => dialogues.answer({ ...answer, values: { code: 'a\nb' } })).toThrow('Code must be a single line.');
  expect(() => dialogues.answer({ ...answer, values: { code: 'x', plan: 'c' } })).toThrow('Plan must be one of: a, b.');
  dialogues.answer({ ...answer, values: { code: 'x', unasked: 'y' } });
  expect(() => dialogues.answer({ ...answer, values: { code: 'x' } })).toThrow('no longer open');
  const again = await readQuestion(steps);
  expect(again.question?.problem).toBe('That was wrong.');
  expect(() => dialogues.answer({ ...answer, values: { code: 'x' } })).toThrow('no longer open');
  dialogues.answer({ ...again.answer, values: { code: 'x' } });
  expect(await read(steps)).toMatchObject({ text: 'a' });
});

test('an open question is taken back when something else is shown', async () => {
  const dialogues = createDialogues({ redact });
  let go = () => {};
  const steps = dialogues.open(async (dialogue) => {
    void dialogue.ask({ title: 'Code?' }, [CODE]).catch(() => {});
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    dialogue.show({ title: 'Not needed any more' });
    return done('ok');
  }, stay());
  const { answer } = await readQuestion(steps);
  go();
  expect(await read(steps)).toMatchObject({ type: 'shown', title: 'Not needed any more', question: undefined });
  expect(() => dialogues.answer({ ...answer, values: { code: 'x' } })).toThrow('no longer open');
});

test('what fails is told in the words of who failed, without any secret', async () => {
  const dialogues = createDialogues({ redact });
  const steps = dialogues.open(async (dialogue) => {
    const { code } = await dialogue.ask({ title: 'known-secret?' }, [CODE]);
    throw new GatewayError('unauthorized', `The service refused ${code} and known-secret.`);
  }, stay());
  const { title, answer } = await readQuestion(steps);
  expect(title).toBe('••••?');
  dialogues.answer({ ...answer, values: { code: 'typed-by-hand' } });
  expect(await read(steps)).toEqual({ type: 'failed', text: 'The service refused •••• and ••••.' });
  const bug = dialogues.open(() => Promise.reject(new Error('inner workings')), stay());
  expect(JSON.stringify(await read(bug))).not.toContain('inner workings');
});

test('no page is shown but one of the web', async () => {
  const dialogues = createDialogues({ redact });
  for (const url of ['http://example.com/', 'file:///etc/passwd', 'javascript:alert(1)', 'https://a:b@c.d/', 'x']) {
    const steps = dialogues.open(async (dialogue) => {
      dialogue.show({ title: 'Open this', page: { url } });
      return done('shown');
    }, stay());
    expect(await read(steps)).toMatchObject({ type: 'failed', text: expect.stringContaining('not opened') });
  }
});

test('a dialogue ends, and its question with it, when the listener goes', async () => {
  const dialogues = createDialogues({ redact });
  const leaving = new AbortController();
  const ended = vi.fn();
  const steps = dialogues.open(askForEver(ended), leaving.signal);
  const { answer } = await readQuestion(steps);
  const next = steps.next();
  leaving.abort();
  expect((await next).done).toBe(true);
  expect(ended).toHaveBeenCalledOnce();
  expect(() => dialogues.answer({ ...answer, values: { code: 'x' } })).toThrow('no longer open');

  const dropped = dialogues.open(askForEver(ended), stay());
  await readQuestion(dropped);
  await dropped.return(undefined);
  expect(ended).toHaveBeenCalledTimes(2);

  const late = dialogues.open(askForEver(ended), leaving.signal);
  expect((await late.next()).done).toBe(true);
});

test('a dialogue that is not finished in time is ended', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const dialogues = createDialogues({ redact, lifetimeMs: 60_000 });
  const ended = vi.fn();
  const steps = dialogues.open(askForEver(ended), stay());
  await readQuestion(steps);
  const next = read(steps);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await next).toMatchObject({ type: 'failed', text: expect.stringContaining('not finished in time') });
  expect(ended).toHaveBeenCalledOnce();
});

test('only so many run at once, and a place is free again when the last of a dialogue is cleaned up', async () => {
  const dialogues = createDialogues({ redact, most: 1 });
  const leaving = new AbortController();
  let clean = () => {};
  const slow: Talk = async (dialogue) => {
    try {
      await dialogue.ask({ title: 'Code?' }, [CODE]);
    } finally {
      await new Promise<void>((resolve) => {
        clean = resolve;
      });
    }
    return done('');
  };
  const first = dialogues.open(slow, leaving.signal);
  await readQuestion(first);
  const refused = async () => (await read(dialogues.open(askOnce, stay()))).type === 'failed';
  expect(await refused()).toBe(true);
  leaving.abort();
  expect((await first.next()).done).toBe(true);
  expect(await refused()).toBe(true);
  clean();
  await expect.poll(refused).toBe(false);
});
