// What is left of an account's plan: one line with a bar for each thing that can be used up, and when it begins anew.
import { ActionIcon, VisuallyHidden } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { QuotaBalance, QuotaMeter, QuotaView } from '../../../shared/quota.ts';
import type { AccountView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { StateShape, type Tone } from '../../components/state-mark.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { formatAgo, formatAmount, formatDay, formatUntil } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract, useNow } from '../../lib/use-contract.ts';
import classes from './quota-bar.module.css';

type QuotaState = 'fine' | 'low' | 'exhausted' | 'beyond';

/** From this share on a person may want to know before it is too late. */
const LOW_SHARE = 0.85;
const TONES: Readonly<Record<QuotaState, Tone | undefined>> = {
  fine: undefined,
  low: 'warning',
  exhausted: 'bad',
  beyond: 'warning',
};

/** The quota of an account whose provider can tell it. */
export function QuotaBar({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const { client } = useContract();
  const refresh = useMutation({ mutationFn: () => client.accounts.readQuota({ id: account.id }) });
  const { quota } = account;
  const { meters = [], balances = [] } = quota ?? {};
  const isBlank = quota === undefined || meters.length + balances.length === 0;
  const problem = refresh.error === null ? quota?.problem : describeError(refresh.error);
  return (
    <section className={classes.quota} aria-label={t('quota.of', { name: account.name })}>
      <div className={classes.meters}>
        {isBlank && problem !== undefined ? (
          <p className={classes.words}>{t('quota.unasked', { problem })}</p>
        ) : isBlank ? (
          <p className={classes.words}>
            {t(quota === undefined ? 'quota.unread' : 'quota.unknown')}
            {quota?.plan !== undefined && <span className={classes.plan}>{quota.plan}</span>}
          </p>
        ) : (
          <>
            {meters.map((meter) => (
              <Meter key={meter.label} meter={meter} named={meters.length > 1} quota={quota} />
            ))}
            {balances.length > 0 && <Balances balances={balances} quota={quota} />}
            {meters.length !== 1 && quota.plan !== undefined && (
              <p className={classes.words}>
                <span className={classes.plan}>{quota.plan}</span>
              </p>
            )}
          </>
        )}
        {!isBlank && problem !== undefined && <p className={classes.words}>{t('quota.problem', { problem })}</p>}
      </div>
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
      <VisuallyHidden>{details.join('. ')}</VisuallyHidden>
    </p>
  );
}

function Meter(properties: {
  readonly meter: QuotaMeter;
  /** Says what is counted, which one alone does by its unit. */
  readonly named: boolean;
  readonly quota: QuotaView;
}) {
  const { meter, named, quota } = properties;
  const t = useTexts();
  const now = useNow(30_000);
  const { label, used, limit, unit = '', resetsAt, parts = [] } = meter;
  const state = readState(meter);
  const tone = TONES[state];
  const numbers = {
    left: formatAmount(Math.max(0, limit - used)),
    used: formatAmount(used),
    limit: formatAmount(limit),
    unit,
  };
  const words = t(`quota.${state}`, numbers);
  const resets = resetsAt === undefined || resetsAt <= now ? undefined : formatUntil(resetsAt, now);
  const details = [
    t('quota.usedOf', { label, ...numbers }),
    ...parts.map((part) =>
      t('quota.part', { label: part.label, used: formatAmount(part.used), limit: formatAmount(part.limit) }),
    ),
    quota.user,
    t('quota.asOf', { ago: formatAgo(quota.readAt, now) }),
  ].filter((line) => line !== undefined);
  return (
    <div className={classes.meter} title={details.join('\n')}>
      <div className={classes.bar} data-state={state} aria-hidden="true">
        <span className={classes.fill} style={{ width: `${limit > 0 ? Math.min(100, (used / limit) * 100) : 100}%` }} />
      </div>
      <span className={classes.words} data-state={state}>
        {tone !== undefined && <StateShape tone={tone} />}
        <span className={classes.amount}>{named ? t('quota.named', { label, words }) : words}</span>
        {resets !== undefined && (
          <span className={classes.resets}>{t('quota.resets', { when: resets, day: formatDay(resetsAt ?? now) })}</span>
        )}
        {!named && quota.plan !== undefined && <span className={classes.plan}>{quota.plan}</span>}
        <VisuallyHidden>{details.join('. ')}</VisuallyHidden>
      </span>
    </div>
  );
}

function readState({ used, limit, goesOn }: QuotaMeter): QuotaState {
  if (used >= limit) return goesOn ? 'beyond' : 'exhausted';
  return used >= limit * LOW_SHARE ? 'low' : 'fine';
}
