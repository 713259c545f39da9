// The programs that providers run on this machine: how many, how long they stand by, and how patient they are.
import type { Settings } from '../../../shared/settings.ts';
import { Panel } from '../../components/panel.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { NumberSetting } from './setting-inputs.tsx';

const MINUTE = 60_000;

/** What one program takes, measured. */
const PROGRAM_MEGABYTES = 180;

/** The panel. */
export function ProgramsPanel({ settings }: { readonly settings: Settings }) {
  const t = useTexts();
  const { programsMost, programsWaiting } = settings;
  const programs = t('settings.units.programs');
  const minutes = t('settings.units.minutes');
  const times = t('settings.units.times');
  return (
    <Panel title={t('settings.programs')} flush>
      <NumberSetting
        settings={settings}
        name="programsMost"
        label={t('settings.programsMost')}
        help={t('settings.programsMostHelp', { each: PROGRAM_MEGABYTES, all: sayMemory(programsMost) })}
        unit={programs}
      />
      <NumberSetting
        settings={settings}
        name="programsWaiting"
        label={t('settings.programsWaiting')}
        help={t('settings.programsWaitingHelp', { all: sayMemory(Math.min(programsWaiting, programsMost)) })}
        warning={
          programsWaiting > programsMost ? t('settings.programsWaitingWarning', { count: programsMost }) : undefined
        }
        unit={programs}
      />
      <NumberSetting
        settings={settings}
        name="programIdleMs"
        label={t('settings.programIdleMs')}
        help={t('settings.programIdleMsHelp')}
        unit={minutes}
        scale={MINUTE}
      />
      <NumberSetting
        settings={settings}
        name="programRetries"
        label={t('settings.programRetries')}
        help={t('settings.programRetriesHelp')}
        unit={times}
      />
      <NumberSetting
        settings={settings}
        name="agentRetries"
        label={t('settings.agentRetries')}
        help={t('settings.agentRetriesHelp')}
        unit={times}
      />
      <NumberSetting
        settings={settings}
        name="agentAskMs"
        label={t('settings.agentAskMs')}
        help={t('settings.agentAskMsHelp')}
        unit={minutes}
        scale={MINUTE}
      />
    </Panel>
  );
}

function sayMemory(programs: number): string {
  const megabytes = programs * PROGRAM_MEGABYTES;
  return megabytes < 1000 ? `${megabytes} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}
