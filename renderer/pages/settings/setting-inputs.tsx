// The inputs of the settings: each keeps what is typed until Enter or leaving it, then saves that one field.
import { NumberInput, Switch, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { type Settings, SettingsChange } from '../../../shared/settings.ts';
import { formatCount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { SettingRow, useSaving } from './setting-row.tsx';
import classes from './settings.module.css';

type Named<Type> = { [Name in keyof Settings]: Settings[Name] extends Type ? Name : never }[keyof Settings];

/** To what the input can show: three decimals. */
const roundUp = (value: number) => Math.ceil(value * 1000) / 1000;

/** A number in the unit that people use, within the limits of its schema; `scale` is how many stored units make one of them. */
export function NumberSetting(properties: {
  readonly settings: Settings;
  readonly name: Named<number>;
  readonly label: string;
  readonly help?: string;
  readonly warning?: string | undefined;
  readonly unit?: string;
  readonly scale?: number;
  readonly plain?: boolean;
}) {
  const { settings, name, label, help, warning, unit, scale = 1, plain = false } = properties;
  const t = useTexts();
  const write = plain ? String : formatCount;
  const { minValue, maxValue } = SettingsChange.shape[name].unwrap();
  const [least, most] = [roundUp((minValue ?? 0) / scale), (maxValue ?? 0) / scale];
  const saving = useSaving(t('settings.between', { least: write(least), most: write(most) }));
  const stored = settings[name] / scale;
  const [typed, setTyped] = useState<number | string>(stored);
  useEffect(() => setTyped(stored), [stored]);
  const save = () => {
    if (Number(typed) === stored && typed !== '') return;
    saving.save({ [name]: typed === '' ? Number.NaN : Math.round(Number(typed) * scale) });
  };
  return (
    <SettingRow label={label} help={help} warning={warning} saving={saving}>
      <NumberInput
        className={classes.number}
        aria-label={label}
        value={typed}
        onChange={setTyped}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
        hideControls
        clampBehavior="none"
        allowNegative={false}
        decimalScale={scale === 1 ? 0 : 3}
        thousandSeparator={plain ? '' : ','}
        error={saving.problem !== undefined}
        rightSection={unit === undefined ? undefined : <span className={classes.unit}>{unit}</span>}
        rightSectionWidth={unit === undefined ? undefined : 76}
      />
    </SettingRow>
  );
}

/** A short text. */
export function TextSetting(properties: {
  readonly settings: Settings;
  readonly name: 'host' | 'proxy';
  readonly label: string;
  readonly help: string;
  readonly warning?: string | undefined;
  readonly limits: string;
  readonly placeholder?: string;
  /** As wide as an address needs. */
  readonly wide?: boolean;
}) {
  const { settings, name, label, help, warning, limits, placeholder, wide = false } = properties;
  const saving = useSaving(limits);
  const stored = settings[name];
  const [typed, setTyped] = useState<string>(stored);
  useEffect(() => setTyped(stored), [stored]);
  // What is kept may be less than what was typed: a password goes elsewhere and must not stay in the window.
  useEffect(() => {
    if (saving.state === 'saved') setTyped(stored);
  }, [stored, saving.state]);
  const save = () => {
    if (typed.trim() !== stored) saving.save({ [name]: typed.trim() });
  };
  return (
    <SettingRow label={label} help={help} warning={warning} saving={saving}>
      <TextInput
        className={wide ? classes.wide : classes.number}
        classNames={{ input: classes.mono }}
        aria-label={label}
        placeholder={placeholder}
        autoComplete="off"
        value={typed}
        spellCheck={false}
        error={saving.problem !== undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
    </SettingRow>
  );
}

/** On or off; `inverted` is on where the setting is off. */
export function SwitchSetting(properties: {
  readonly settings: Settings;
  readonly name: Named<boolean>;
  readonly label: string;
  readonly help?: string;
  readonly warning?: string | undefined;
  readonly inverted?: boolean;
}) {
  const { settings, name, label, help, warning, inverted = false } = properties;
  const saving = useSaving();
  return (
    <SettingRow label={label} help={help} warning={warning} saving={saving}>
      <Switch
        aria-label={label}
        checked={settings[name] !== inverted}
        onChange={(event) => saving.save({ [name]: event.currentTarget.checked !== inverted })}
      />
    </SettingRow>
  );
}
