// What an agent waits to hear from the person, at the top of every page, above any open sheet: the oldest question first.
// Nothing in it takes the focus by itself, so no key that is pressed anyway allows anything.
import { Button, Kbd, TextInput, VisuallyHidden } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import type { AgentAnswer, AgentQuestion } from '../../shared/projects.ts';
import { describeError } from '../lib/describe-error.ts';
import { formatTimeLeft, revealHidden } from '../lib/format.ts';
import { useTexts } from '../lib/i18n.ts';
import { useContract, useNow, useQuestions } from '../lib/use-contract.ts';
import classes from './question-bar.module.css';
import { StateShape } from './state-mark.tsx';

/** A question that has just come up is not answered by the second half of a double click. */
const SETTLE_MS = 600;

/** The bar; nothing where no question is open. */
export function QuestionBar() {
  const t = useTexts();
  const questions = useQuestions();
  const question = questions[0];
  return (
    <>
      <VisuallyHidden aria-live="assertive" aria-atomic="true">
        {question !== undefined && announce(question, questions.length, t)}
      </VisuallyHidden>
      {question !== undefined && <QuestionCard key={question.id} question={question} count={questions.length} />}
    </>
  );
}

function announce(question: AgentQuestion, count: number, t: ReturnType<typeof useTexts>): string {
  const said = t('questions.announce', {
    project: question.projectName,
    tool: question.tool,
    what: revealHidden(question.what),
  });
  return count === 1 ? said : `${said} ${t('questions.more', { count: count - 1 })}`;
}

/** Whether the last answer was given from within the bar: then the focus goes to the next question, not to nowhere. */
let cameFromBar = false;

function QuestionCard({ question, count }: { readonly question: AgentQuestion; readonly count: number }) {
  const t = useTexts();
  const { client } = useContract();
  const [words, setWords] = useState('');
  const [showsDetail, setShowsDetail] = useState(false);
  const settled = useSettled();
  const ruleId = useId();
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (cameFromBar) card.current?.focus({ preventScroll: true });
    cameFromBar = false;
  }, []);
  useWindowEvent('keydown', (event) => {
    if (event.key !== 'F6') return;
    event.preventDefault();
    card.current?.focus();
  });
  const answer = useMutation({
    mutationFn: (given: AgentAnswer) => {
      cameFromBar = card.current?.contains(document.activeElement) ?? false;
      return client.questions.answer({ id: question.id, answer: given });
    },
    onError: (error) => notifications.show({ color: 'red', title: t('failure.title'), message: describeError(error) }),
  });
  // A short command is all there is to see.
  const detail = question.detail === question.what ? undefined : question.detail;
  const busy = answer.isPending || answer.isSuccess;
  const refuse = () => answer.mutate({ verdict: 'refuse', ...(words.trim() === '' ? {} : { words: words.trim() }) });
  return (
    <section className={classes.bar} ref={card} tabIndex={-1} aria-label={t('questions.label')}>
      <header className={classes.head}>
        <StateShape tone="warning" />
        <p className={classes.title} title={question.projectName}>
          <span>{t('questions.title')}</span>
          <code className={classes.tool}>{question.tool}</code>
          <span className="cut">{t('questions.in', { project: question.projectName })}</span>
        </p>
        {count > 1 && <span className={classes.count}>{t('questions.count', { count })}</span>}
        <TimeLeft until={question.until} />
        <Kbd className={classes.key} title={t('questions.keyHint')}>
          F6
        </Kbd>
      </header>
      <pre className={classes.what} dir="ltr">
        {revealHidden(question.what)}
      </pre>
      {(detail !== undefined || question.rule !== undefined) && (
        <div className={classes.under}>
          {detail !== undefined && (
            <button
              type="button"
              className={classes.more}
              aria-expanded={showsDetail}
              onClick={() => setShowsDetail(!showsDetail)}
            >
              {t(showsDetail ? 'questions.hideDetail' : 'questions.showDetail')}
            </button>
          )}
          {question.rule !== undefined && (
            <span className={classes.rule} id={ruleId}>
              {t('questions.rule')} <code>{revealHidden(question.rule)}</code>
            </span>
          )}
        </div>
      )}
      {showsDetail && detail !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long detail is scrolled with the keys
        <pre className={classes.detail} dir="ltr" tabIndex={0}>
          {revealHidden(detail)}
        </pre>
      )}
      <div className={classes.answers}>
        <TextInput
          className={classes.words}
          value={words}
          maxLength={2000}
          placeholder={t('questions.words')}
          aria-label={t('questions.words')}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && !event.nativeEvent.isComposing && settled && !busy && refuse()}
        />
        <Button variant="default" disabled={busy || !settled} onClick={refuse}>
          {t('questions.refuse')}
        </Button>
        {question.rule !== undefined && (
          <Button
            variant="default"
            aria-describedby={ruleId}
            title={t('questions.sessionHint', { rule: revealHidden(question.rule) })}
            disabled={busy || !settled}
            onClick={() => answer.mutate({ verdict: 'session' })}
          >
            {t('questions.session')}
          </Button>
        )}
        <Button disabled={busy || !settled} onClick={() => answer.mutate({ verdict: 'once' })}>
          {t('questions.once')}
        </Button>
      </div>
    </section>
  );
}

function TimeLeft({ until }: { readonly until: number }) {
  const t = useTexts();
  const now = useNow(1000);
  return (
    <span className={classes.left} title={t('questions.leftHint')}>
      {t('questions.left', { time: formatTimeLeft(Math.max(0, until - now)) })}
    </span>
  );
}

function useSettled(): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, []);
  return settled;
}
