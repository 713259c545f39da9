// What a change of the settings brings about besides: doors move, the system learns whether to start Patchbay at login, and a
// password goes to the vault.
import type { Settings, SettingsChange } from '../../shared/settings.ts';
import type { GlobalProxy } from '../credentials/global-proxy.ts';
import type { Doors } from '../server/doors.ts';
import { definedOnly, type LiveSettings } from './live-settings.ts';

/** What follows a change. */
export interface ChangeParts {
  readonly live: LiveSettings;
  readonly doors: Pick<Doors, 'check' | 'follow'>;
  readonly proxy: Pick<GlobalProxy, 'take'>;
  /** Registers or removes the start at login; absent where the host cannot. */
  readonly setStartAtLogin: ((on: boolean) => void) | undefined;
  /** Called after each change. */
  readonly onChanged: () => void;
}

/** Takes changes over; resolves with what holds then. Throws `GatewayError` for an address that cannot be opened. */
export function createSettingsChange(parts: ChangeParts): (change: SettingsChange) => Promise<Settings> {
  const { live, doors, proxy, setStartAtLogin, onChanged } = parts;
  return async (change) => {
    const before = live.read();
    // New addresses move the doors at once, where they were open or could not be opened.
    await doors.check(before, { ...before, ...definedOnly(change) });
    const { startAtLogin = before.startAtLogin } = change;
    if (startAtLogin !== before.startAtLogin) setStartAtLogin?.(startAtLogin);
    const after = live.change(
      change.proxy === undefined ? change : { ...change, proxy: await proxy.take(change.proxy) },
    );
    doors.follow(before, after);
    onChanged();
    return after;
  };
}
