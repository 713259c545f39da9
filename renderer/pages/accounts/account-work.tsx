// What an account has to do and how it has done, quietly; and how its login is renewed.
import { Button } from '@mantine/core';
import type { RenewalView } from '../../../shared/routing.ts';
import type { AccountView } from '../../../shared/views.ts';
import { StateShape } from '../../components/state-mark.tsx';
import { formatAgo, formatCount, formatMoment, formatUntil } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useAccountActions } from '../../lib/use-account-actions.ts';
import { useNow } from '../../lib/use-contract.ts';
import { useRouting } from '../../lib/use-routing.ts';
import classes from './work.module.css';

/** The line; nothing at all for an account that has done nothing and has nothing to renew. */
export function WorkLine({ account }: { readonly account: AccountView }) {
  const { renewal } = account;
  const facts = useFacts(account);
  return (
    <>
      {facts.length > 0 && (
        <p className={classes.work}>
          {facts.map(({ id, text, title }) => (
            <span key={id} title={title}>
              {text}
            </span>
          ))}
        </p>
      )}
      {renewal?.problem !== undefined && <RenewalProblem account={account} renewal={renewal} />}
    </>
  );
}

interface Fact {
  readonly id: string;
  readonly text: string;
  readonly title?: string | undefined;
}

function useFacts({ id, running, counts, renewal }: AccountView): Fact[] {
  const t = useTexts();
  const now = useNow(30_000);
  const { priority = 0, concurrency = 0 } = useRouting().routing.accounts[id] ?? {};
  const { served, failed, failuresInARow, lastFailureAt } = counts;
  const lastFailure =
    lastFailureAt === undefined ? undefined : t('work.lastFailure', { ago: formatAgo(lastFailureAt, now) });
  const most =
    concurrency > 0
      ? t('work.runningOf', { count: running, most: concurrency })
      : t('work.running', { count: running });
  return [
    ...(priority === 0
      ? []
      : [{ id: 'priority', text: t('work.priority', { priority }), title: t('pools.priorityHelp') }]),
    ...(running > 0 || concurrency > 0 ? [{ id: 'running', text: most }] : []),
    ...(served > 0 ? [{ id: 'served', text: t('work.served', { served: formatCount(served) }) }] : []),
    ...(failed > 0
      ? [{ id: 'failed', text: t('work.failed', { failed: formatCount(failed) }), title: lastFailure }]
      : []),
    ...(failuresInARow > 1
      ? [{ id: 'row', text: t('work.inARow', { count: failuresInARow }), title: lastFailure }]
      : []),
    ...(renewal === undefined ? [] : tellRenewal(renewal, now, t)),
  ];
}

function tellRenewal(
  { isRunning, renewedAt, dueAt, endsAt, problem }: RenewalView,
  now: number,
  t: ReturnType<typeof useTexts>,
): Fact[] {
  const ends = endsAt === undefined ? undefined : t('work.ends', { time: formatMoment(endsAt, now) });
  if (isRunning) return [{ id: 'renewal', text: t('work.renewing'), title: ends }];
  if (problem !== undefined) return [];
  const renewed = renewedAt === undefined ? [] : [t('work.renewed', { ago: formatAgo(renewedAt, now) })];
  const due = dueAt === undefined ? [] : [t('work.due', { when: formatUntil(dueAt, now) })];
  const text = [...renewed, ...due].join(', ');
  return text === '' ? [] : [{ id: 'renewal', text: t('work.login', { text }), title: ends }];
}

function RenewalProblem({ account, renewal }: { readonly account: AccountView; readonly renewal: RenewalView }) {
  const t = useTexts();
  const now = useNow(30_000);
  const { renewLogin, isBusy } = useAccountActions();
  const { endsAt } = renewal;
  const hasEnded = endsAt !== undefined && endsAt <= now;
  return (
    <div className={classes.renewal} role="status">
      <StateShape tone={hasEnded ? 'bad' : 'warning'} />
      <p className={classes.renewalWords}>
        {t('work.notRenewed', { problem: renewal.problem })}
        {endsAt !== undefined && (
          <span className={classes.left}>
            {t(hasEnded ? 'work.ended' : 'work.endsIn', {
              when: hasEnded ? formatAgo(endsAt, now) : formatUntil(endsAt, now),
            })}
          </span>
        )}
      </p>
      <Button
        variant="default"
        size="compact-sm"
        disabled={isBusy || renewal.isRunning}
        onClick={() => renewLogin(account)}
      >
        {t('accounts.renewNow')}
      </Button>
    </div>
  );
}
