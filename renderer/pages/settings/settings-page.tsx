// Settings: a form over the schema of the settings, saved field by field, with the client keys and where things are kept.
import { SegmentedControl } from '@mantine/core';
import type { Settings } from '../../../shared/settings.ts';
import type { StatusView } from '../../../shared/views.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { formatDayAndTime } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useSettings, useStatus } from '../../lib/use-contract.ts';
import { KeysPanel } from './keys-panel.tsx';
import { OriginsPanel } from './origins-panel.tsx';
import { ProgramsPanel } from './programs-panel.tsx';
import { SecondDoorPanel } from './second-door-panel.tsx';
import { NumberSetting, SwitchSetting, TextSetting } from './setting-inputs.tsx';
import { SettingRow, useSaving } from './setting-row.tsx';
import classes from './settings.module.css';

const MEGABYTE = 1024 ** 2;
const SECOND = 1000;

/** The page. */
export function SettingsPage() {
  const settings = useSettings();
  const status = useStatus().data;
  return (
    <QueryGate query={settings} skeletonHeight={600}>
      {(known) => (
        <div className={classes.page}>
          <DoorSettings settings={known} />
          <KeysPanel />
          <SecondDoorPanel settings={known} door={status?.ollamaDoor} />
          <OriginsPanel settings={known} />
          <ProxySettings settings={known} />
          <ApplicationSettings settings={known} status={status} />
          <QuotaSettings settings={known} />
          <LimitSettings settings={known} />
          <ProgramsPanel settings={known} />
          <LogSettings settings={known} />
          {status !== undefined && <About status={status} />}
        </div>
      )}
    </QueryGate>
  );
}

interface SectionProperties {
  readonly settings: Settings;
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

function DoorSettings({ settings }: SectionProperties) {
  const t = useTexts();
  const exposed = !LOOPBACK.test(settings.host);
  return (
    <Panel title={t('settings.door')} flush>
      <TextSetting
        settings={settings}
        name="host"
        label={t('settings.host')}
        help={t('settings.hostHelp')}
        limits={t('settings.notHost')}
        warning={exposed ? t('settings.hostWarning', { host: settings.host }) : undefined}
      />
      <NumberSetting settings={settings} name="port" label={t('settings.port')} help={t('settings.portHelp')} plain />
    </Panel>
  );
}

function ProxySettings({ settings }: SectionProperties) {
  const t = useTexts();
  return (
    <Panel title={t('settings.wayOut')} flush>
      <TextSetting
        settings={settings}
        name="proxy"
        label={t('settings.proxy')}
        help={t('settings.proxyHelp')}
        limits={t('settings.notProxy')}
        placeholder={t('settings.proxyPlaceholder')}
        wide
      />
    </Panel>
  );
}

function ApplicationSettings({ settings, status }: SectionProperties & { readonly status: StatusView | undefined }) {
  const t = useTexts();
  const theme = useSaving();
  return (
    <Panel title={t('settings.application')} flush>
      <SettingRow label={t('settings.theme')} saving={theme}>
        <SegmentedControl
          aria-label={t('settings.theme')}
          value={settings.theme}
          onChange={(value) => theme.save({ theme: value as Settings['theme'] })}
          data={[
            { value: 'system', label: t('settings.themeSystem') },
            { value: 'light', label: t('settings.themeLight') },
            { value: 'dark', label: t('settings.themeDark') },
          ]}
        />
      </SettingRow>
      {status?.mode === 'desktop' && (
        <>
          <SwitchSetting settings={settings} name="startAtLogin" label={t('settings.startAtLogin')} />
          <SwitchSetting
            settings={settings}
            name="openWindow"
            label={t('settings.openWindow')}
            help={t('settings.openWindowHelp')}
          />
        </>
      )}
    </Panel>
  );
}

function QuotaSettings({ settings }: SectionProperties) {
  const t = useTexts();
  return (
    <Panel title={t('settings.plans')} flush>
      <NumberSetting
        settings={settings}
        name="quotaWarnPercent"
        label={t('settings.quotaWarnPercent')}
        help={t('settings.quotaWarnPercentHelp')}
        unit={t('settings.units.percent')}
      />
    </Panel>
  );
}

function LimitSettings({ settings }: SectionProperties) {
  const t = useTexts();
  const seconds = t('settings.units.seconds');
  return (
    <Panel title={t('settings.limits')} flush>
      <NumberSetting
        settings={settings}
        name="bodyLimitBytes"
        label={t('settings.bodyLimitBytes')}
        help={t('settings.bodyLimitBytesHelp')}
        unit={t('settings.units.megabytes')}
        scale={MEGABYTE}
      />
      <NumberSetting
        settings={settings}
        name="firstByteMs"
        label={t('settings.firstByteMs')}
        help={t('settings.firstByteMsHelp')}
        unit={seconds}
        scale={SECOND}
      />
      <NumberSetting
        settings={settings}
        name="idleMs"
        label={t('settings.idleMs')}
        help={t('settings.idleMsHelp')}
        unit={seconds}
        scale={SECOND}
      />
      <NumberSetting
        settings={settings}
        name="keepAliveMs"
        label={t('settings.keepAliveMs')}
        help={t('settings.keepAliveMsHelp')}
        unit={seconds}
        scale={SECOND}
      />
      <NumberSetting
        settings={settings}
        name="drainMs"
        label={t('settings.drainMs')}
        help={t('settings.drainMsHelp')}
        unit={seconds}
        scale={SECOND}
      />
    </Panel>
  );
}

function LogSettings({ settings }: SectionProperties) {
  const t = useTexts();
  return (
    <Panel title={t('settings.log')} flush>
      <NumberSetting
        settings={settings}
        name="logKeepDays"
        label={t('settings.logKeepDays')}
        help={t('settings.logHelp')}
        unit={t('settings.units.days')}
      />
      <NumberSetting
        settings={settings}
        name="logKeepRows"
        label={t('settings.logKeepRows')}
        unit={t('settings.units.rows')}
      />
      <NumberSetting
        settings={settings}
        name="sessionKeepDays"
        label={t('settings.sessionKeepDays')}
        help={t('settings.sessionKeepDaysHelp')}
        unit={t('settings.units.days')}
      />
    </Panel>
  );
}

function About({ status }: { readonly status: StatusView }) {
  const t = useTexts();
  return (
    <Panel title={t('settings.about')} flush>
      <SettingRow label={t('settings.vault')} help={status.vault.detail}>
        <span className={classes.fact}>
          {t(status.vault.kind === 'keychain' ? 'settings.keychain' : 'settings.vaultFile')}
        </span>
      </SettingRow>
      <PathRow label={t('settings.dataFolder')} path={status.dataFolder} />
      {status.configFile !== undefined && <PathRow label={t('settings.configFile')} path={status.configFile} />}
      <SettingRow label={t('settings.version')}>
        <span className={classes.fact}>
          {status.version} · {t('settings.running')} {formatDayAndTime(status.startedAt)}
        </span>
      </SettingRow>
    </Panel>
  );
}

function PathRow({ label, path }: { readonly label: string; readonly path: string }) {
  const t = useTexts();
  return (
    <SettingRow label={label}>
      <span className={`mono cut ${classes.fact}`} title={path}>
        {path}
      </span>
      <CopyButton text={path} label={t('settings.copyPath')} />
    </SettingRow>
  );
}
