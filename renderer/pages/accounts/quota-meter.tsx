// One thing of a plan that can be used up: a bar, what is left in words, when it begins anew, and when it ends before that.
import { VisuallyHidden } from '@mantine/core';
import type { QuotaForecast, QuotaMeter, QuotaView } from '../../../shared/quota.ts';
import { StateShape, type Tone } from '../../components/state-mark.tsx';
import { formatAgo, formatAmount, formatMoment, formatSpan, formatUntil } from '../../lib/format.ts';
import { translate, useTexts } from '../../lib/i18n.ts';
import { endsSoon, type MeterState, readMeterState } from '../../lib/quota-state.ts';
import { useNow } from '../../lib/use-contract.ts';
import classes from './quota-bar.module.css';

const TONES: Readonly<Record<MeterState, Tone | undefined>> = {
  fine: undefined,
  low: 'warning',
  exhausted: 'bad',
  beyond: 'warning',
  anew: undefined,
};

/** The meter. */
export function QuotaMeterLine(properties: {
  readonly meter: QuotaMeter;
  /** Says what is counted, which one alone does by its unit. */
  readonly named: boolean;
  readonly quota: QuotaView;
}) {
  const { meter, named, quota } = properties;
  const t = useTexts();
  const now = useNow(30_000);
  const { label, used, limit, unit, resetsAt, forecast } = meter;
  const state = readMeterState(meter, now);
  const tone = TONES[state];
  const words = describeState(meter, state, now);
  const resets = resetsAt === undefined || state === 'anew' ? undefined : formatUntil(resetsAt, now);
  const details = listDetails(meter, quota, now);
  const share = state === 'anew' ? 0 : limit > 0 ? Math.min(100, (used / limit) * 100) : 100;
  return (
    <div className={classes.meter} title={details.join('\n')}>
      <div className={classes.bar} data-state={state} aria-hidden="true">
        <span className={classes.fill} style={{ width: `${share}%` }} />
      </div>
      <span className={classes.words} data-state={state}>
        {tone !== undefined && <StateShape tone={tone} />}
        <span className={classes.amount}>{named || unit === '%' ? t('quota.named', { label, words }) : words}</span>
        {resets !== undefined && (
          <span className={classes.resets}>
            {t('quota.resets', { when: resets, day: formatMoment(resetsAt ?? now, now) })}
          </span>
        )}
        {!named && quota.plan !== undefined && <span className={classes.plan}>{quota.plan}</span>}
        <Forecast forecast={forecast} resetsAt={resetsAt} />
        <VisuallyHidden>{details.join('. ')}</VisuallyHidden>
      </span>
    </div>
  );
}

/** When nothing will be left; nothing where that is not foreseen. */
export function Forecast(properties: {
  readonly forecast: QuotaForecast | undefined;
  readonly resetsAt?: number | undefined;
}) {
  const t = useTexts();
  const now = useNow(30_000);
  const { forecast, resetsAt } = properties;
  const { emptyAt } = forecast ?? {};
  if (emptyAt === undefined || emptyAt <= now) return undefined;
  const moment = formatMoment(emptyAt, now);
  const words = t(/^\d\d:/.test(moment) ? 'quota.empties' : 'quota.emptiesOn', { moment });
  return (
    <span className={classes.forecast} data-soon={endsSoon(forecast, now)}>
      {resetsAt === undefined ? words : t('quota.emptiesBefore', { words, span: formatSpan(resetsAt - emptyAt) })}
    </span>
  );
}

function describeState({ used, limit, unit = '', resetsAt }: QuotaMeter, state: MeterState, now: number) {
  if (state === 'anew') return translate('quota.anew', { ago: formatAgo(resetsAt ?? now, now) });
  const numbers = { left: formatAmount(Math.max(0, limit - used)), used: formatAmount(used) };
  // Of a share there is no amount to tell.
  if (unit === '%') return translate(`quota.${state}Percent`, numbers);
  return translate(`quota.${state}`, { ...numbers, limit: formatAmount(limit), unit });
}

/** What a pointer that rests, and a screen reader, learn besides. */
function listDetails(meter: QuotaMeter, quota: QuotaView, now: number): readonly string[] {
  const { label, used, limit, unit = '', parts = [], forecast, toldAt = 0 } = meter;
  return [
    translate('quota.usedOf', { label, used: formatAmount(used), limit: formatAmount(limit) }),
    ...parts.map((part) =>
      translate('quota.part', { label: part.label, used: formatAmount(part.used), limit: formatAmount(part.limit) }),
    ),
    forecast && translate('quota.rate', { amount: formatAmount(forecast.perHour), unit }),
    quota.user,
    translate('quota.asOf', { ago: formatAgo(toldAt || quota.readAt, now) }),
  ].filter((line) => line !== undefined);
}
