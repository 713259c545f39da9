// The accounts with their states, a handful of them; the rest is on their own page.
import type { AccountView } from '../../../shared/views.ts';
import { Panel } from '../../components/panel.tsx';
import { ProviderMark } from '../../components/provider-mark.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { ACCOUNT_TONES } from '../../components/state-tones.ts';
import { wholeRest } from '../../lib/account-rest.ts';
import { formatAgo, formatAmount, formatMoment } from '../../lib/format.ts';
import { translate, useTexts } from '../../lib/i18n.ts';
import { writePlace } from '../../lib/navigation.ts';
import { endsSoon, findWorstMeter } from '../../lib/quota-state.ts';
import { useAccounts, useNow } from '../../lib/use-contract.ts';
import classes from './overview.module.css';

const SHOWN = 5;

/** The one thing besides its state that is worth a line: until when it rests, or what it does, or when it last did. */
function sayLatest(account: AccountView, now: number, t: ReturnType<typeof useTexts>): string {
  const until = account.state === 'resting' ? wholeRest(account)?.until : undefined;
  if (until !== undefined && until > now) return t('overview.restsUntil', { time: formatMoment(until, now) });
  const shortage = describeShortage(account, now);
  if (shortage !== undefined) return shortage;
  if (account.running > 0) return t('work.running', { count: account.running });
  if (account.lastUsedAt === undefined) return t('accounts.neverUsed');
  return t('accounts.used', { ago: formatAgo(account.lastUsedAt, now) });
}

/** The list beside the traffic. */
export function AccountsPanel() {
  const t = useTexts();
  const accounts = useAccounts();
  const now = useNow(30_000);
  return (
    <Panel
      title={t('overview.accounts')}
      flush
      aside={
        <a className="small" href={writePlace('accounts', { add: '' })}>
          {t('overview.addAccount')}
        </a>
      }
    >
      <QueryGate query={accounts} skeletonHeight={160}>
        {(known) => (
          <ul className={classes.accounts}>
            {known.slice(0, SHOWN).map((account) => (
              <li key={account.id}>
                <a className={classes.account} href={writePlace('accounts', { open: account.id })}>
                  <ProviderMark id={account.provider} name={account.providerName} size={26} />
                  <span className={classes.accountName}>
                    <span className="cut" title={account.name}>
                      {account.name}
                    </span>
                    <span className="faint small cut">{sayLatest(account, now, t)}</span>
                  </span>
                  <StateMark
                    tone={ACCOUNT_TONES[account.state]}
                    word={t(`accounts.${account.state}`)}
                    title={wholeRest(account)?.text ?? account.stateText}
                  />
                </a>
              </li>
            ))}
            {known.length > SHOWN && (
              <li className={classes.more}>
                <a href={writePlace('accounts')}>{t('overview.moreAccounts', { count: known.length })}</a>
              </li>
            )}
          </ul>
        )}
      </QueryGate>
    </Panel>
  );
}

/** What of the plan is short; undefined where there is no reason to worry. */
function describeShortage({ quota }: AccountView, now: number): string | undefined {
  const meter = findWorstMeter(quota, now);
  if (meter === undefined) return undefined;
  const { label, used, limit, unit = '', resetsAt, forecast } = meter;
  if (used >= limit) {
    const words = translate('quota.shortExhausted', { label });
    return resetsAt === undefined
      ? words
      : translate('quota.shortUntil', { words, moment: formatMoment(resetsAt, now) });
  }
  if (forecast?.emptyAt !== undefined && endsSoon(forecast, now)) {
    return translate('quota.empties', { moment: formatMoment(forecast.emptyAt, now) });
  }
  const words = translate('quota.shortLow', { left: formatAmount(limit - used), unit });
  return unit === '' || unit === '%' ? translate('quota.named', { label, words }) : words;
}
