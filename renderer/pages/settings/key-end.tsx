// When a client key ends: never, some days from now, or on a date; always at the end of that day.
import { Input, SegmentedControl, TextInput } from '@mantine/core';
import type { ClientKeyView } from '../../../shared/views.ts';
import { formatDate } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { ENDS, type End, type KeyFault, type KeyInput, readEnd, writeDay } from './key-input.ts';
import classes from './keys.module.css';

/** The field; a past date is said to be one. */
export function EndField(properties: {
  readonly input: KeyInput;
  readonly clientKey: ClientKeyView | undefined;
  readonly now: number;
  readonly faults: readonly KeyFault[];
  readonly onChange: (part: Partial<KeyInput>) => void;
}) {
  const { input, clientKey, now, faults, onChange } = properties;
  const t = useTexts();
  const end = readEnd(input, clientKey, now);
  const fault = faults.find(({ at }) => at === 'date');
  const over = end !== undefined && end <= now;
  return (
    <div className={classes.end}>
      <Input.Wrapper label={t('keys.end')} labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label={t('keys.end')}
          value={input.end}
          onChange={(value) => onChange({ end: value as End, ...(value === 'date' ? pickDate(end, now) : {}) })}
          data={ENDS.map((one) => ({ value: one, label: t(`keys.ends.${one}`) }))}
        />
      </Input.Wrapper>
      {input.end === 'date' && (
        <TextInput
          type="date"
          aria-label={t('keys.endDate')}
          value={input.date}
          min={writeDay(now)}
          error={fault && t(fault.kind === 'past' ? 'keys.endPast' : 'keys.endMissing')}
          onChange={(event) => onChange({ date: event.currentTarget.value })}
        />
      )}
      {end !== undefined && fault === undefined && (
        <p className={over ? classes.misses : classes.help}>
          {t(over ? 'keys.endOver' : 'keys.endHelp', { date: formatDate(end - 1) })}
        </p>
      )}
    </div>
  );
}

/** The day that was chosen by days becomes the date to go on from. */
function pickDate(end: number | undefined, now: number): Pick<KeyInput, 'date'> {
  return { date: writeDay(end === undefined ? now + 30 * 86_400_000 : end - 1) };
}
