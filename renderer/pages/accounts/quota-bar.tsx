// What is left of an account: one line with a bar for each thing of its plan that can be used up, balances in words, and
// apart from them how fast it may be asked.
import { ActionIcon, VisuallyHidden } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { QuotaBalance, QuotaMeter, QuotaView } from '../../../shared/quota.ts';
import type { AccountView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { StateShape } from '../../components/state-mark.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { formatAgo, formatAmount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { listPlanMeters, listRates } from '../../lib/quota-state.ts';
import { useContract, useNow } from '../../lib/use-contract.ts';
import classes from './quota-bar.module.css';
import { Forecast, QuotaMeterLine } from './quota-meter.tsx';

const MINUTE_MS = 60_000;

/** What is known of an account's quota. */
export function QuotaBar({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const { client } = useContract();
  const refresh = useMutation({ mutationFn: () => client.accounts.readQuota({ id: account.id }) });
  const { quota } = account;
  const { balances = [] } = quota ?? {};
  const [meters, rates] = [listPlanMeters(quota), listRates(quota)];
  const isBlank = quota === undefined || meters.length + balances.length === 0;
  // What answers tell by the way is no word on the plan.
  const isUnread = quota === undefined || rates.some(({ toldAt }) => toldAt === quota.readAt);
  const problem = refresh.error === null ? quota?.problem : describeError(refresh.error);
  return (
    <section className={classes.quota} aria-label={t('quota.of', { name: account.name })}>
      <div className={classes.meters}>
        {isBlank && !account.hasQuota ? undefined : isBlank && problem !== undefined ? (
          <p className={classes.words}>{t('quota.unasked', { problem })}</p>
        ) : isBlank ? (
          <p className={classes.words}>
            {t(isUnread ? 'quota.unread' : 'quota.unknown')}
            {quota?.plan !== undefined && <span className={classes.plan}>{quota.plan}</span>}
          </p>
        ) : (
          <>
            {meters.map((meter) => (
              <QuotaMeterLine key={meter.label} meter={meter} named={meters.length > 1} quota={quota} />
            ))}
            {balances.length > 0 && <Balances balances={balances} quota={quota} />}
            {meters.length !== 1 && quota.plan !== undefined && (
              <p className={classes.words}>
                <span className={classes.plan}>{quota.plan}</span>
              </p>
            )}
          </>
        )}
        {rates.length > 0 && <Pace rates={rates} />}
        {!isBlank && problem !== undefined && <p className={classes.words}>{t('quota.problem', { problem })}</p>}
      </div>
      {account.hasQuota && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          loading={refresh.isPending}
          aria-label={t('quota.refreshOf', { name: account.name })}
          title={t('quota.refresh')}
          onClick={() => refresh.mutate()}
        >
          <Icon name="refresh" />
        </ActionIcon>
      )}
    </section>
  );
}

/** All balances in one line; the first is the whole, the others are parts of it. */
function Balances(properties: { readonly balances: readonly QuotaBalance[]; readonly quota: QuotaView }) {
  const t = useTexts();
  const now = useNow(30_000);
  const { balances, quota } = properties;
  const details = [quota.user, t('quota.asOf', { ago: formatAgo(quota.readAt, now) })].filter(
    (line) => line !== undefined,
  );
  const isEmpty = (balances[0]?.left ?? 0) <= 0;
  return (
    <p className={classes.words} data-state={isEmpty ? 'exhausted' : 'fine'} title={details.join('\n')}>
      {isEmpty && <StateShape tone="bad" />}
      {balances.map(({ label, left, unit = '' }, index) => (
        <span key={label} className={index === 0 ? classes.amount : classes.part}>
          {t('quota.balance', { label, left: formatAmount(left), unit })}
        </span>
      ))}
      <Forecast forecast={balances[0]?.forecast} />
      <VisuallyHidden>{details.join('. ')}</VisuallyHidden>
    </p>
  );
}

/** How fast the account may be asked: no part of the plan, and full again by itself. */
function Pace({ rates }: { readonly rates: readonly QuotaMeter[] }) {
  const t = useTexts();
  const now = useNow(30_000);
  const toldAt = Math.max(...rates.map((rate) => rate.toldAt ?? 0));
  const limits = rates.map(({ label, used, limit, resetsAt }) => {
    // What was left is no longer true when it has filled up again.
    const isOld = resetsAt === undefined ? now - toldAt > MINUTE_MS : resetsAt <= now;
    const numbers = { left: formatAmount(limit - used), limit: formatAmount(limit), what: label.toLowerCase() };
    return t(isOld ? 'quota.paceLimit' : 'quota.paceLeft', numbers);
  });
  return (
    <p className={classes.pace} title={t('quota.asOf', { ago: formatAgo(toldAt, now) })}>
      {t('quota.pace', { limits: limits.join(', ') })}
    </p>
  );
}
