// How well a model calls tools in its text: a measured share with its count, and never a guess.
import type { ModelView } from '../../shared/views.ts';
import { formatAmount } from '../lib/format.ts';
import { useTexts } from '../lib/i18n.ts';
import classes from './call-rate.module.css';
import { Cell } from './virtual-rows.tsx';

/** The share of replies with calls that came out right, with their number; nothing where none was measured. */
export function CallRate({ counts }: { readonly counts: ModelView['toolCalls'] }) {
  const t = useTexts();
  if (counts === undefined)
    return (
      <Cell align="end" mono quiet title={t('models.callsUnmeasured')}>
        –
      </Cell>
    );
  const good = counts.wellFormed + counts.repaired + counts.retried;
  const count = good + counts.failed;
  if (count === 0)
    return (
      <Cell align="end" mono quiet title={t('models.callsNone', { asked: counts.asked })}>
        0
      </Cell>
    );
  return (
    <Cell align="end" mono title={t('models.callsHint', { ...counts, good, count })}>
      {t('models.callsRate', { percent: Math.floor((100 * good) / count) })}{' '}
      <span className={classes.of}>{t('models.callsOf', { count, shown: formatAmount(count) })}</span>
    </Cell>
  );
}
