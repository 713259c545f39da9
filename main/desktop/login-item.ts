// Start at login: the system's own list on macOS and Windows, a desktop entry in the autostart folder on Linux.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';
import { writeAutostartEntry } from './autostart-entry.ts';

/** Starts Patchbay in the tray, without its window. */
export const HIDDEN_ARGUMENT = '--hidden';

/** Registers or removes the start at login. Throws where the system refuses. */
export function setStartAtLogin(on: boolean): void {
  const [program, args] = readCommand();
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: on, path: program, args });
    return;
  }
  const folder = join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'autostart');
  const file = join(folder, 'patchbay.desktop');
  if (!on) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, writeAutostartEntry(app.getName(), [program, ...args]));
}

/** What starts this very Patchbay again, packaged or from its sources. */
function readCommand(): [program: string, args: string[]] {
  // An AppImage runs from a mount that is gone after it ends.
  if (app.isPackaged) return [process.env.APPIMAGE ?? process.execPath, [HIDDEN_ARGUMENT]];
  return [process.execPath, [app.getAppPath(), HIDDEN_ARGUMENT]];
}
