// Whether the window shows itself when the app starts, or waits in the tray until it is asked for.
import type { DoorView } from '../../shared/views.ts';

/** What the answer depends on. */
export interface Start {
  /** The person's setting. */
  readonly openWindow: boolean;
  /** The system started the app at login. */
  readonly hidden: boolean;
  readonly trayIsThere: boolean;
  readonly door: DoorView['state'];
}

/** Shown by the setting, but not at login; always where there is no other way to it, or where something is to be mended. */
export function showsFirstWindow({ openWindow, hidden, trayIsThere, door }: Start): boolean {
  if (!trayIsThere || door !== 'serving') return true;
  return openWindow && !hidden;
}
