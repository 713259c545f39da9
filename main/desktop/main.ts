// The entry of the desktop app: a list of what is set up, in order. What Patchbay does lies in the engine; here is only what
// needs Electron. The engine is loaded while Chromium still starts, so nothing at the top of this file may be heavy.
import { join } from 'node:path';
import { app, clipboard, dialog } from 'electron';
import { findDataFolder } from '../data-folder.ts';
import { setUpAppMenu } from './app-menu.ts';
import { showsFirstWindow } from './first-window.ts';
import { registerGuiScheme, serveGui } from './gui-scheme.ts';
import { setUpIpc } from './ipc.ts';
import { HIDDEN_ARGUMENT, setStartAtLogin } from './login-item.ts';
import { createNotice } from './notice.ts';
import { setUpQuit } from './quit.ts';
import { createTray, hasTray } from './tray.ts';
import { createWindow } from './window.ts';

const environment = process.env;
const dataFolder = findDataFolder({ environment });
// Chromium's own files lie beside ours; the lock below is taken in this folder, so each data folder has its own Patchbay.
app.setPath('userData', join(dataFolder, 'chromium'));
app.setAppUserModelId('app.patchbay.desktop');

if (app.requestSingleInstanceLock()) {
  registerGuiScheme();
  boot().catch(giveUp);
} else {
  app.exit(0); // the other one has been told and shows its window
}

async function boot(): Promise<void> {
  const [{ createEngine }, trayIsThere] = await Promise.all([import('../engine.ts'), hasTray(), app.whenReady()]);
  serveGui(join(app.getAppPath(), 'out', 'renderer'));
  setUpAppMenu();
  const window = createWindow({
    stateFile: join(dataFolder, 'window.json'),
    preload: join(app.getAppPath(), 'out', 'preload', 'preload.cjs'),
    icon: join(app.getAppPath(), 'assets', 'icons', '128x128.png'),
    whenClosed: trayIsThere ? 'hide' : 'minimise',
  });
  const engine = await createEngine({
    host: {
      mode: 'desktop',
      version: app.getVersion(),
      writeClipboard: (text) => clipboard.writeText(text),
      setStartAtLogin,
      chooseFolder: window.chooseFolder,
      notify: (title, text) => createNotice(title, text, window).show(),
    },
    environment,
  });
  setUpQuit(engine);
  setUpIpc({ router: await engine.loadAdmin(), isOurs: window.isOurs });
  app.on('second-instance', () => window.show());
  app.on('activate', () => window.show());
  app.on('window-all-closed', () => {}); // the gateway goes on; Quit ends it
  await createTray({ engine, window, iconFolder: join(app.getAppPath(), 'assets', 'tray') });
  await engine.start();
  const { openWindow } = engine.settings();
  const hidden = process.argv.includes(HIDDEN_ARGUMENT);
  if (showsFirstWindow({ openWindow, hidden, trayIsThere, door: engine.status.read().door.state })) window.show();
}

/** Without an engine there is nothing to show but why. */
function giveUp(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Patchbay cannot start: ${message}\n`);
  dialog.showErrorBox('Patchbay cannot start', message);
  app.exit(1);
}
