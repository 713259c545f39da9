// Why an account, or one of its models, is not asked now: until when, who says so, and what happened.
import type { RestView } from '../../../shared/routing.ts';
import type { AccountView } from '../../../shared/views.ts';
import { StateShape } from '../../components/state-mark.tsx';
import { formatClock, formatTimeLeft } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useNow } from '../../lib/use-contract.ts';
import classes from './work.module.css';

/** One line for each rest that has not run out; nothing at all where there is none. */
export function RestLines({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const ends = account.rests.some(({ until }) => until !== undefined);
  const now = useNow(ends ? 1000 : undefined);
  const rests = account.rests.filter(({ until }) => until === undefined || until > now);
  if (rests.length === 0) return undefined;
  return (
    <ul className={classes.rests} aria-label={t('rests.label', { name: account.name })}>
      {rests.map((rest) => (
        <RestLine key={`${rest.model} ${rest.since}`} rest={rest} now={now} />
      ))}
    </ul>
  );
}

function RestLine({ rest, now }: { readonly rest: RestView; readonly now: number }) {
  const t = useTexts();
  const { model, until, cause, text } = rest;
  const lasting = cause === 'failed';
  const when = until === undefined ? t(`rests.open.${cause}`) : t('rests.until', { time: formatClock(until, now) });
  return (
    <li className={classes.rest} data-cause={cause}>
      <StateShape tone={lasting ? 'bad' : 'rest'} />
      <span className={classes.restWords}>
        {model !== undefined && <code>{model}</code>}
        <span className={classes.until}>{when}</span>
        {until !== undefined && (
          // The time that runs down is for the eye; read out every second it would be noise.
          <span className={classes.left} aria-hidden="true">
            {t('rests.left', { left: formatTimeLeft(until - now) })}
          </span>
        )}
        <span className={classes.why}>{t(`rests.why.${cause}`, { text })}</span>
      </span>
    </li>
  );
}
