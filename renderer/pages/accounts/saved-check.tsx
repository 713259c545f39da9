// The last step of the sheet: the account is saved and its check runs at once.
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import type { AccountView } from '../../../shared/views.ts';
import { CheckSteps } from '../../components/check-steps.tsx';
import { Message } from '../../components/message.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace } from '../../lib/navigation.ts';
import { useContract } from '../../lib/use-contract.ts';
import { type StepsRun, useSteps } from '../../lib/use-steps.ts';
import classes from './sheet.module.css';

/** Runs the check of a saved account and says what follows from it. */
export function SavedCheck(properties: {
  readonly account: AccountView;
  readonly onDone: () => void;
  readonly onMend: () => void;
  /** Who has just been signed in. */
  readonly said?: string | undefined;
  /** Present where the account can be signed in by a dialogue. */
  readonly onSignIn?: (() => void) | undefined;
}) {
  const { account, said, onDone, onMend, onSignIn } = properties;
  const t = useTexts();
  const { client } = useContract();
  const { run, start } = useSteps((signal) => client.accounts.check({ id: account.id }, { signal }));
  useEffect(() => {
    void start();
  }, [start]);
  const outcome = outcomeOf(run);
  return (
    <div className={classes.saved}>
      <p className={classes.savedName}>{said ?? t('sheet.saved', { name: account.name })}</p>
      <CheckSteps steps={run.steps} />
      {outcome === 'running' && run.steps.length === 0 && <StateMark tone="busy" word={t('accounts.checking')} />}
      {outcome === 'broken' && (
        <Message tone="bad" title={t('sheet.checkBroken')}>
          {run.problem}
        </Message>
      )}
      {outcome === 'failed' && <Message tone="bad" title={t('sheet.checkBad')} />}
      {outcome === 'warning' && <Message tone="warning" title={t('sheet.checkWarning')} />}
      {outcome === 'unproved' && <Message tone="idle" title={t('sheet.checkUnproved')} />}
      {outcome === 'ok' && <Message tone="good" title={t('sheet.checkGood')} />}
      <div className={classes.actions}>
        {(outcome === 'failed' || outcome === 'broken' || outcome === 'warning') && (
          <>
            <Button variant="default" onClick={onMend}>
              {t('sheet.edit')}
            </Button>
            <Button variant="default" onClick={() => void start()}>
              {t('accounts.checkAgain')}
            </Button>
            {outcome === 'failed' && onSignIn !== undefined && (
              <Button variant="default" onClick={onSignIn}>
                {t('signIn.button')}
              </Button>
            )}
          </>
        )}
        {(outcome === 'ok' || outcome === 'unproved') && (
          <Button variant="default" onClick={() => openPlace('connect')}>
            {t('sheet.connect')}
          </Button>
        )}
        <Button onClick={onDone}>{t('sheet.done')}</Button>
      </div>
    </div>
  );
}

function outcomeOf(run: StepsRun): 'running' | 'ok' | 'unproved' | 'warning' | 'failed' | 'broken' {
  if (run.problem !== undefined) return 'broken';
  // Before the effect has started the run there is neither a step nor a running check.
  if (run.running || run.steps.length === 0) return 'running';
  if (run.steps.some((step) => step.state === 'failed')) return 'failed';
  if (run.steps.some((step) => step.state === 'warning')) return 'warning';
  return run.steps.some((step) => step.state === 'unproved') ? 'unproved' : 'ok';
}
