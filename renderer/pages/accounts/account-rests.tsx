// Why an account, or one of its models, is not asked now: until when, who says so, and what happened; and the word that ends it.
import { Button } from '@mantine/core';
import type { RestView } from '../../../shared/routing.ts';
import type { AccountView } from '../../../shared/views.ts';
import { StateShape } from '../../components/state-mark.tsx';
import { formatMoment, formatTimeLeft } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useAccountActions } from '../../lib/use-account-actions.ts';
import { useNow } from '../../lib/use-contract.ts';
import classes from './work.module.css';

/** One line for each rest that has not run out; nothing at all where there is none and the account does not fail. */
export function RestLines({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const ends = account.rests.some(({ until }) => until !== undefined);
  const now = useNow(ends ? 1000 : undefined);
  const rests = account.rests.filter(({ until }) => until === undefined || until > now);
  if (rests.length === 0 && account.state !== 'failed') return undefined;
  return (
    <div className={classes.rests}>
      {rests.length > 0 && (
        <ul className={classes.restList} aria-label={t('rests.label', { name: account.name })}>
          {rests.map((rest) => (
            <RestLine key={`${rest.model} ${rest.since}`} rest={rest} now={now} />
          ))}
        </ul>
      )}
      <UseNow account={account} />
    </div>
  );
}

/** Ends them all at once. */
function UseNow({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const { use, isBusy } = useAccountActions();
  return (
    <Button
      variant="default"
      size="compact-sm"
      aria-label={t('accounts.useNowOf', { name: account.name })}
      title={t('accounts.useNowHint')}
      disabled={isBusy}
      onClick={() => use(account)}
    >
      {t('accounts.useNow')}
    </Button>
  );
}

/** That the whole account rests, and until when, is said by its state; the line says why. */
function RestLine({ rest, now }: { readonly rest: RestView; readonly now: number }) {
  const t = useTexts();
  const { model, until, cause, text } = rest;
  return (
    <li className={classes.rest} data-cause={cause}>
      {model !== undefined && (
        <>
          <StateShape tone={cause === 'failed' ? 'bad' : 'rest'} />
          <code>{model}</code>
          <span className={classes.until}>
            {until === undefined ? t('rests.open') : t('rests.until', { time: formatMoment(until, now) })}
          </span>
        </>
      )}
      {until !== undefined && (
        // The time that runs down is for the eye; read out every second it would be noise.
        <span className={classes.left} aria-hidden="true">
          {t('rests.left', { left: formatTimeLeft(until - now) })}
        </span>
      )}
      <span>{t(`rests.why.${cause}`, { text })}</span>
    </li>
  );
}
