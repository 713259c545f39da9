// Settings of which some are fixed by the configuration file or the environment: those hold and cannot be changed here.
import type { Settings, SettingsChange } from '../shared/settings.ts';
import { GatewayError } from './canonical/errors.ts';
import type { SettingsStore } from './settings-store.ts';

/** The settings that hold, whoever set them. */
export type SettingsInForce = Pick<SettingsStore, 'read' | 'change' | 'onChange'>;

/** `store` with `fixed` over it. A change of a fixed one throws a `GatewayError`; the other changes are stored. */
export function createFixedSettings(store: SettingsInForce, fixed: SettingsChange): SettingsInForce {
  const over = (settings: Settings): Settings => ({ ...settings, ...fixed });
  return {
    read: () => over(store.read()),
    change(change) {
      const names = Object.keys(fixed) as (keyof Settings)[];
      const refused = names.filter((name) => change[name] !== undefined && change[name] !== fixed[name]);
      if (refused.length > 0) {
        const verb = refused.length === 1 ? 'is' : 'are';
        const message = `${refused.join(', ')} ${verb} set by the configuration file or the environment; change it there.`;
        throw new GatewayError('forbidden', message);
      }
      const free = Object.entries(change).filter(([name]) => !names.some((one) => one === name));
      return over(store.change(Object.fromEntries(free)));
    },
    onChange: (listener) => store.onChange((settings) => listener(over(settings))),
  };
}
