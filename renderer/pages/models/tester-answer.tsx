// The way of a name, drawn: from the name through its rules to the accounts, in the order in which they would be asked.
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { RouteAnswer, RouteQuestion } from '../../../shared/routing.ts';
import { Message } from '../../components/message.tsx';
import { PathDrawing, type PathStop } from '../../components/path-drawing.tsx';
import { STANDING_TONES } from '../../components/state-tones.ts';
import { isHeldBack } from '../../lib/account-rest.ts';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace, writePlace } from '../../lib/navigation.ts';
import { useAccounts, useContract } from '../../lib/use-contract.ts';
import classes from './tester.module.css';
import { useRouteAnswer } from './use-route-answer.ts';

type Candidate = RouteAnswer['candidates'][number];

/** The answer, as it is by now; `onAddRule` is offered where a rule would help. */
export function TesterAnswer(properties: {
  readonly question: RouteQuestion;
  readonly narrow?: boolean;
  readonly onAddRule?: (name: string) => void;
}) {
  const { question, narrow = false, onAddRule } = properties;
  const t = useTexts();
  const { data, asked, error } = useRouteAnswer(question);
  const accounts = useAccounts().data ?? [];
  if (error !== null)
    return (
      <Message tone="bad" title={t('failure.title')}>
        {describeError(error)}
      </Message>
    );
  if (data === undefined) return <div className={classes.answer} aria-busy="true" />;
  const { candidates, problem, isUnknown = false } = data;
  const [first] = candidates.map(({ account, accountName }) => ({ id: account, name: accountName }));
  // Who was passed over for what it cannot do is helped by nobody's word.
  const held = accounts.find(
    (account) =>
      isHeldBack(account) && data.steps.some((step) => step.kind === 'skipped' && step.account === account.id),
  );
  const addRule = isUnknown ? onAddRule : undefined;
  const works = candidates.some(({ standing }) => standing === 'ready' || standing === 'busy');
  return (
    <div className={classes.answer} aria-live="polite">
      <div className={classes.way} data-narrow={narrow}>
        <PathDrawing label={t('tester.way')} stops={drawRules(asked.model, data, t)} />
        {candidates.length > 0 && <Order candidates={candidates} asked={asked.model} />}
      </div>
      {problem !== undefined && held !== undefined && (
        <HeldBack account={held} title={problem}>
          {t('tester.nobodyNowText')}
        </HeldBack>
      )}
      {problem !== undefined && held === undefined && (
        <Message
          tone="warning"
          title={problem}
          actions={
            addRule !== undefined && (
              <Button variant="default" onClick={() => addRule(asked.model)}>
                {t('tester.makeRule')}
              </Button>
            )
          }
        >
          {addRule !== undefined && t('tester.problemText')}
        </Message>
      )}
      {first !== undefined && !works && (
        <HeldBack account={first} title={t('tester.nobodySure')}>
          {t('tester.nobodySureText')}
        </HeldBack>
      )}
    </div>
  );
}

type Texts = ReturnType<typeof useTexts>;

function drawRules(name: string, { steps, problem }: RouteAnswer, t: Texts): PathStop[] {
  const start: PathStop = {
    key: 'name',
    role: t('tester.asked'),
    lit: true,
    title: <code>{name}</code>,
    ...(steps.length === 0 && problem === undefined ? { text: t('tester.noRule') } : {}),
  };
  return [
    start,
    ...steps.map(({ kind, text }, index) => ({
      key: `${index}`,
      role: t(kind === 'skipped' ? 'path.skipped' : 'path.rule'),
      lit: kind !== 'skipped',
      off: kind === 'skipped',
      title: text,
    })),
  ];
}

/** More than these are shown when they are wanted. */
const SHOWN = 6;

function Order({ candidates, asked }: { readonly candidates: readonly Candidate[]; readonly asked: string }) {
  const t = useTexts();
  const [whole, setWhole] = useState(false);
  const shown = whole ? candidates : candidates.slice(0, SHOWN);
  return (
    <div>
      <PathDrawing
        label={t('tester.order')}
        stops={shown.map((candidate, index) => drawCandidate(candidate, index, asked, t))}
      />
      {shown.length < candidates.length && (
        <Button className={classes.whole ?? ''} variant="subtle" size="compact-sm" onClick={() => setWhole(true)}>
          {t('tester.whole', { count: candidates.length })}
        </Button>
      )}
    </div>
  );
}

function drawCandidate(candidate: Candidate, index: number, asked: string, t: Texts): PathStop {
  const { account, accountName, model, standing, text } = candidate;
  return {
    key: `${index}`,
    role: t('tester.place', { place: index + 1 }),
    lit: index === 0,
    tone: STANDING_TONES[standing],
    title: (
      <a className={classes.account} href={writePlace('accounts', { open: account })}>
        {accountName}
      </a>
    ),
    aside: (
      <>
        {model !== asked && <code>{model}</code>}
        <span>{t(`tester.standing.${standing}`)}</span>
      </>
    ),
    // Why the first is the first, and why others are not; that the rest could serve as well says their state.
    ...(index === 0 || standing !== 'ready' ? { text } : {}),
  };
}

/** Nobody answers for sure; with the word that ends the rest of this account. */
function HeldBack(properties: {
  readonly account: { readonly id: string; readonly name: string };
  readonly title: string;
  readonly children: string;
}) {
  const { account, title, children } = properties;
  const t = useTexts();
  const { client } = useContract();
  const use = useMutation({ mutationFn: () => client.accounts.use({ id: account.id }) });
  return (
    <Message
      tone="warning"
      title={title}
      actions={
        <>
          <Button variant="default" loading={use.isPending} onClick={() => use.mutate()}>
            {t('accounts.useNowOf', { name: account.name })}
          </Button>
          <Button variant="default" onClick={() => openPlace('accounts', { open: account.id })}>
            {t('models.goToAccount')}
          </Button>
        </>
      }
    >
      {use.error === null ? children : describeError(use.error)}
    </Message>
  );
}
