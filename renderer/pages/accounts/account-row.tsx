// One account: who it is, whether it will work and why, and what can be done with it.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState } from 'react';
import type { AccountView } from '../../../shared/views.ts';
import { CheckSteps } from '../../components/check-steps.tsx';
import { Message } from '../../components/message.tsx';
import { Question } from '../../components/question.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { ACCOUNT_TONES } from '../../components/state-tones.ts';
import { sayState } from '../../lib/account-rest.ts';
import { formatAgo } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { listPlanMeters } from '../../lib/quota-state.ts';
import { useContract, useNow } from '../../lib/use-contract.ts';
import { useSteps } from '../../lib/use-steps.ts';
import { AccountName } from './account-facts.tsx';
import { AccountLimits } from './account-limits.tsx';
import { AccountMenu, type RowQuestion } from './account-menu.tsx';
import { RestLines } from './account-rests.tsx';
import { WorkLine } from './account-work.tsx';
import classes from './accounts.module.css';
import { QuotaBar } from './quota-bar.tsx';
import { SignOutQuestion } from './sign-out-question.tsx';

/** The row with its check. */
export function AccountRow(properties: {
  readonly account: AccountView;
  readonly marked: boolean;
  readonly onEdit: (account: string) => void;
  readonly onTry: (account: string) => void;
  /** Present where the account can be signed in by a dialogue. */
  readonly onSignIn: ((account: string) => void) | undefined;
}) {
  const { account, marked, onEdit, onSignIn, onTry } = properties;
  const t = useTexts();
  const now = useNow(30_000);
  const { client } = useContract();
  const check = useSteps((signal) => client.accounts.check({ id: account.id }, { signal }));
  const [asking, setAsking] = useState<RowQuestion>();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (marked) row.current?.scrollIntoView?.({ block: 'nearest' });
  }, [marked]);
  const shown = check.run.running || check.run.steps.length > 0 || check.run.problem !== undefined;
  const trouble = account.state === 'failed' || account.state === 'attention';
  // That all is well is said by the state, and what is left of the plan by its bar; why it rests is told by its rests.
  const told =
    (account.state === 'ready' && listPlanMeters(account.quota).length > 0) ||
    account.rests.some(({ model, text }) => model === undefined || account.stateText?.includes(text));
  const close = () => setAsking(undefined);
  return (
    <li className={classes.row} data-marked={marked} ref={row}>
      <div className={classes.rowMain}>
        <AccountName account={account} />
        <StateMark
          tone={check.run.running ? 'busy' : ACCOUNT_TONES[account.state]}
          word={check.run.running ? t('accounts.checking') : sayState(account, now, t)}
        />
        <RowButtons
          account={account}
          trouble={trouble}
          isChecking={check.run.running}
          onCheck={() => void check.start()}
          onTry={onTry}
          onEdit={onEdit}
          onSignIn={onSignIn}
        />
        <AccountMenu account={account} onEdit={onEdit} onSignIn={onSignIn} onAsk={setAsking} />
      </div>
      {(account.hasQuota || account.quota !== undefined) && <QuotaBar account={account} />}
      <WorkLine account={account} />
      <RestLines account={account} />
      {!shown && !told && account.stateText !== undefined && <StateText account={account} trouble={trouble} />}
      {shown && <CheckOutcome name={account.name} check={check} />}
      <RemoveQuestion account={account} opened={asking === 'remove'} onClose={close} />
      <SignOutQuestion account={account} opened={asking === 'sign-out'} onClose={close} />
      <AccountLimits account={account} opened={asking === 'limits'} onClose={close} />
    </li>
  );
}

function RowButtons(properties: {
  readonly account: AccountView;
  readonly trouble: boolean;
  readonly isChecking: boolean;
  readonly onCheck: () => void;
  readonly onTry: (account: string) => void;
  readonly onEdit: (account: string) => void;
  readonly onSignIn: ((account: string) => void) | undefined;
}) {
  const { account, trouble, isChecking, onCheck, onTry, onEdit, onSignIn } = properties;
  const t = useTexts();
  return (
    <>
      <Button variant="default" onClick={onCheck} disabled={isChecking}>
        {t('accounts.check')}
      </Button>
      <Button variant="default" title={t('accounts.tryHint', { name: account.name })} onClick={() => onTry(account.id)}>
        {t('accounts.try')}
      </Button>
      {trouble && onSignIn !== undefined && (
        <Button variant="default" onClick={() => onSignIn(account.id)}>
          {t('signIn.button')}
        </Button>
      )}
      {trouble && onSignIn === undefined && account.source === 'settings' && (
        <Button variant="default" onClick={() => onEdit(account.id)}>
          {t('accounts.edit')}
        </Button>
      )}
    </>
  );
}

function StateText({ account, trouble }: { readonly account: AccountView; readonly trouble: boolean }) {
  const now = useNow(30_000);
  return (
    <p className={classes.stateText} data-trouble={trouble}>
      {account.stateText}
      {account.stateAt !== undefined && <span className={classes.when}>{formatAgo(account.stateAt, now)}</span>}
    </p>
  );
}

function CheckOutcome({ name, check }: { readonly name: string; readonly check: ReturnType<typeof useSteps> }) {
  const t = useTexts();
  return (
    <section className={classes.check} aria-label={t('accounts.checkOf', { name })}>
      <CheckSteps steps={check.run.steps} />
      {check.run.problem !== undefined && (
        <Message tone="bad" title={t('sheet.checkBroken')}>
          {check.run.problem}
        </Message>
      )}
      {!check.run.running && (
        <Button className={classes.hide} variant="subtle" color="gray" size="compact-sm" onClick={check.clear}>
          {t('accounts.hideCheck')}
        </Button>
      )}
    </section>
  );
}

function RemoveQuestion(properties: {
  readonly account: AccountView;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const { account, opened, onClose } = properties;
  const t = useTexts();
  const { client } = useContract();
  return (
    <Question
      opened={opened}
      onClose={onClose}
      title={t('accounts.removeTitle', { name: account.name })}
      confirm={t('accounts.remove')}
      act={() => client.accounts.remove({ id: account.id })}
      onDone={() => notifications.show({ message: t('accounts.removed', { name: account.name }) })}
    >
      {t('accounts.removeText')}
    </Question>
  );
}
