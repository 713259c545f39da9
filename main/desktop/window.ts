// The one window, with every privilege that a page does not need taken away. It shows the GUI and nothing else: it neither
// navigates nor opens windows, and links leave for the system's browser.
import { app, BrowserWindow, dialog, nativeTheme, screen, shell, type WebFrameMain } from 'electron';
import { writeFileAtomic } from '../util/atomic-file.ts';
import { GUI_URL, isGuiUrl } from './gui-scheme.ts';
import { isQuitting } from './quit.ts';
import { LEAST, readWindowState, USUAL, type WindowState } from './window-state.ts';

/** The window as the rest of the app sees it. */
export interface MainWindow {
  /** Brings it to the front, made anew where it is gone. */
  show(): void;
  /** Whether it is in front and has the keyboard. */
  isWatched(): boolean;
  /** Asks the person for a folder, in the system's own window; undefined where they cancel. */
  chooseFolder(): Promise<string | undefined>;
  /** Whether a frame is the main frame of this window. */
  isOurs(frame: WebFrameMain): boolean;
}

/** What the window is made of. */
export interface WindowOptions {
  /** Remembers its place. */
  readonly stateFile: string;
  readonly preload: string;
  /** Picture for task bars that know the app by nothing else. */
  readonly icon: string;
  /** What its close button does: without a tray a hidden window could not be brought back. */
  readonly whenClosed: 'hide' | 'minimise';
}

const STATE_WRITE_MS = 500;

/** A window that is made when it is first shown. */
export function createWindow(options: WindowOptions): MainWindow {
  let window: BrowserWindow | undefined;
  return {
    show: () => {
      if (window === undefined) {
        window = openWindow(options);
        window.on('closed', () => {
          window = undefined;
        });
        return;
      }
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    isWatched: () => window?.isFocused() ?? false,
    chooseFolder: async () => {
      const options = { properties: ['openDirectory' as const, 'createDirectory' as const] };
      const { filePaths } = await (window === undefined
        ? dialog.showOpenDialog(options)
        : dialog.showOpenDialog(window, options));
      return filePaths[0];
    },
    isOurs: (frame) => window !== undefined && frame === window.webContents.mainFrame,
  };
}

function openWindow({ stateFile, preload, icon, whenClosed }: WindowOptions): BrowserWindow {
  const state = readWindowState(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...(state?.bounds ?? USUAL),
    minWidth: LEAST.width,
    minHeight: LEAST.height,
    title: app.getName(),
    icon,
    // The GUI's own grounds, so that nothing flashes before it is drawn.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#17181a' : '#fafaf8',
    show: false,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  if (state?.maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    if (isQuitting()) return;
    event.preventDefault();
    if (whenClosed === 'hide') window.hide();
    else window.minimize();
  });
  lockDown(window);
  keepState(window, stateFile);
  void window.loadURL(GUI_URL);
  return window;
}

function lockDown(window: BrowserWindow): void {
  const { webContents } = window;
  const stay = (event: { preventDefault: () => void; url: string }) => {
    if (!isGuiUrl(event.url)) event.preventDefault();
  };
  webContents.on('will-navigate', stay);
  webContents.on('will-frame-navigate', stay);
  webContents.on('will-redirect', stay);
  webContents.setWindowOpenHandler(({ url }) => {
    if (isWebLink(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  // Pages need one permission, to copy a text that the person has clicked on.
  const allows = (permission: string, url: string) => permission === 'clipboard-sanitized-write' && isGuiUrl(url);
  webContents.session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(allows(permission, details.requestingUrl)),
  );
  webContents.session.setPermissionCheckHandler((_contents, permission, origin) => allows(permission, origin));
}

/** Only what a browser opens safely; never a file, a program's own scheme or a name and password. */
function isWebLink(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const link = new URL(url);
  return link.protocol === 'https:' && link.username === '' && link.password === '';
}

function keepState(window: BrowserWindow, stateFile: string): void {
  let timer: NodeJS.Timeout | undefined;
  const write = () => {
    timer = undefined;
    if (window.isDestroyed()) return;
    const state: WindowState = { bounds: window.getNormalBounds(), maximised: window.isMaximized() };
    writeFileAtomic(stateFile, JSON.stringify(state)).catch(() => {}); // only a place on the screen is lost
  };
  const note = () => {
    clearTimeout(timer);
    timer = setTimeout(write, STATE_WRITE_MS);
  };
  for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) window.on(event as 'resize', note);
}
