// The web pages that may ask: one row per origin, and a field that adds one.
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { readOrigin } from '../../../shared/origins.ts';
import type { Settings } from '../../../shared/settings.ts';
import { Panel } from '../../components/panel.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { SettingRow, useSaving } from './setting-row.tsx';
import classes from './settings.module.css';

/** The panel. */
export function OriginsPanel({ settings: { corsOrigins } }: { readonly settings: Settings }) {
  const t = useTexts();
  const saving = useSaving();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string>();
  const add = () => {
    const read = readOrigin(typed);
    if ('fault' in read) return setFault(read.fault);
    if (corsOrigins.includes(read.origin)) return setFault(t('settings.originExists'));
    saving.save({ corsOrigins: [...corsOrigins, read.origin] });
    setTyped('');
  };
  return (
    <Panel title={t('settings.origins')} flush>
      <SettingRow
        label={t('settings.origin')}
        help={t('settings.originsHelp')}
        saving={fault === undefined ? saving : { ...saving, state: 'idle', problem: fault }}
      >
        <TextInput
          className={classes.origin}
          classNames={{ input: classes.mono }}
          aria-label={t('settings.origin')}
          placeholder="http://localhost:3000"
          value={typed}
          spellCheck={false}
          error={fault !== undefined}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setFault(undefined);
          }}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
        <Button variant="default" onClick={add}>
          {t('settings.originAdd')}
        </Button>
      </SettingRow>
      {corsOrigins.length === 0 && <p className={classes.none}>{t('settings.originsNone')}</p>}
      {corsOrigins.map((origin) => (
        <div key={origin} className={classes.originRow}>
          <span className="mono cut" title={origin}>
            {origin}
          </span>
          <Button
            variant="subtle"
            color="gray"
            aria-label={t('settings.originRemove', { origin })}
            onClick={() => saving.save({ corsOrigins: corsOrigins.filter((other) => other !== origin) })}
          >
            {t('accounts.remove')}
          </Button>
        </div>
      ))}
    </Panel>
  );
}
