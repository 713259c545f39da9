// The menu of the application: on macOS the few entries that shortcuts need, elsewhere none.
import { Menu } from 'electron';

/** Sets the menu once for all windows. */
export function setUpAppMenu(): void {
  // Without an Edit menu, macOS knows no Cmd+C and Cmd+V.
  const needed = process.platform === 'darwin';
  Menu.setApplicationMenu(
    needed ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null,
  );
}
