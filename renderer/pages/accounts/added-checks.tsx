// The last step of the sheet where several accounts were added at once: each runs its check beside the others.
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import type { AccountView } from '../../../shared/views.ts';
import { CheckSteps } from '../../components/check-steps.tsx';
import { Message } from '../../components/message.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import { useSteps } from '../../lib/use-steps.ts';
import classes from './sheet.module.css';

/** Runs the checks; what goes wrong is mended from the accounts' rows. */
export function AddedChecks(properties: { readonly accounts: readonly AccountView[]; readonly onDone: () => void }) {
  const t = useTexts();
  return (
    <div className={classes.saved}>
      {properties.accounts.map((account) => (
        <AddedCheck key={account.id} account={account} />
      ))}
      <div className={classes.actions}>
        <Button onClick={properties.onDone}>{t('sheet.done')}</Button>
      </div>
    </div>
  );
}

function AddedCheck({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const { client } = useContract();
  const { run, start } = useSteps((signal) => client.accounts.check({ id: account.id }, { signal }));
  useEffect(() => {
    void start();
  }, [start]);
  return (
    <section className={classes.survey} aria-label={account.name}>
      <p className={classes.savedName}>{t('sheet.saved', { name: account.name })}</p>
      <CheckSteps steps={run.steps} />
      {run.steps.length === 0 && run.problem === undefined && <StateMark tone="busy" word={t('accounts.checking')} />}
      {run.problem !== undefined && (
        <Message tone="bad" title={t('sheet.checkBroken')}>
          {run.problem}
        </Message>
      )}
    </section>
  );
}
