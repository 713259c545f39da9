// The second door: on or off, its port, whether it wants a key, and why it is not open where it should be.
import type { Settings } from '../../../shared/settings.ts';
import type { DoorView } from '../../../shared/views.ts';
import { Panel } from '../../components/panel.tsx';
import { SecondDoorTrouble } from '../../components/second-door-trouble.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { NumberSetting, SwitchSetting } from './setting-inputs.tsx';
import classes from './settings.module.css';

/** The panel; `door` is undefined where the second door is off. */
export function SecondDoorPanel({
  settings,
  door,
}: {
  readonly settings: Settings;
  readonly door: DoorView | undefined;
}) {
  const t = useTexts();
  const isTroubled = settings.ollamaDoor && (door?.state === 'port-taken' || door?.state === 'failed');
  return (
    <Panel title={t('settings.second')} flush>
      <SwitchSetting
        settings={settings}
        name="ollamaDoor"
        label={t('settings.secondDoor')}
        help={t('settings.secondDoorHelp')}
      />
      {isTroubled && (
        <div className={classes.trouble}>
          <SecondDoorTrouble door={door} />
        </div>
      )}
      {settings.ollamaDoor && (
        <>
          <NumberSetting
            settings={settings}
            name="ollamaPort"
            label={t('settings.secondPort')}
            help={t('settings.secondPortHelp')}
            plain
          />
          <SwitchSetting
            settings={settings}
            name="ollamaRequireKey"
            label={t('settings.secondNoKey')}
            help={t('settings.secondNoKeyHelp')}
            warning={settings.ollamaRequireKey ? undefined : t('settings.secondNoKeyWarning')}
            inverted
          />
        </>
      )}
    </Panel>
  );
}
