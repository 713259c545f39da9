// The desktop app as a whole: window, bridge, tray and the way out, in a real Electron.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type DesktopApp,
  findFreePort,
  isRunning,
  openScreen,
  type Screen,
  startDesktopApp,
  waitForExit,
} from '../support/desktop-app.ts';
import { describeWith } from '../support/tools.ts';
import { readClipboard, readTrayMenu, useTray } from '../support/tray.ts';

describeWith(['electron', 'xvfb'], 'the desktop app', () => {
  let screen: Screen;
  let app: DesktopApp;

  beforeAll(async () => {
    screen = await openScreen();
  });
  afterAll(() => screen?.close());

  const serves = async () => (await fetch(`${app.url}/health`)).ok;
  const countVisible = () =>
    app.electron.evaluate(
      ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().filter((window) => window.isVisible() && !window.isMinimized()).length,
    );

  const startServing = async () => {
    app = await startDesktopApp(screen, await findFreePort());
    await app.page.getByText('Serving').first().waitFor();
  };

  describe('while it runs', () => {
    beforeAll(startServing);
    afterAll(() => app?.close());

    test('its page has the bridge and no other power', async () => {
      const seen = await app.page.evaluate(async () => {
        const page = globalThis as unknown as Record<string, object> & {
          open(url: string): unknown;
          document: { createElement(name: string): { textContent: string }; head: { append(element: object): void } };
        };
        const fetched = await fetch('https://example.com/').then(
          () => 'fetched',
          () => 'refused',
        );
        const script = page.document.createElement('script');
        script.textContent = 'globalThis.inlineRan = true';
        page.document.head.append(script);
        return {
          bridge: Object.keys(page.patchbay ?? {}),
          node: [typeof page.require, typeof page.process, typeof page.Buffer],
          fetched,
          inlineRan: 'inlineRan' in page,
          opened: page.open('https://user:secret@example.com/') === null,
        };
      });
      expect(seen).toEqual({
        bridge: ['connect'],
        node: ['undefined', 'undefined', 'undefined'],
        fetched: 'refused',
        inlineRan: false,
        opened: true,
      });
      const preferences = await app.electron.evaluate(({ BrowserWindow, webContents }) => {
        const [window] = BrowserWindow.getAllWindows();
        const contents = webContents.getAllWebContents()[0] as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
        };
        const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences();
        return { sandbox, contextIsolation, nodeIntegration, least: window?.getMinimumSize() };
      });
      expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, least: [720, 480] });
    });

    test('its window stays where it is, whatever the page asks for', async () => {
      const url = await app.electron.evaluate(async ({ BrowserWindow }, elsewhere) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        await contents?.executeJavaScript(`location.href = ${JSON.stringify(elsewhere)}; 'asked'`);
        await contents?.executeJavaScript(
          `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`,
        );
        return contents?.getURL();
      }, `${app.url}/health`);
      expect(url).toMatch(/^app:\/\/patchbay\//);
    });

    test('files of the GUI are served and none outside of it', async () => {
      const status = await app.electron.evaluate(async ({ net }) => {
        const read = async (path: string) => (await net.fetch(`app://patchbay/${path}`)).status;
        return [
          await read('index.html'),
          await read('..%2f..%2fpackage.json'),
          await read('%2e%2e/%2e%2e/package.json'),
          await read('none.js'),
          (await net.fetch('app://elsewhere/index.html')).status,
        ];
      });
      expect(status).toEqual([200, 404, 404, 404, 404]);
    });

    test('closing the window leaves the gateway running, and a second start brings the window back', async () => {
      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      expect(await serves()).toBe(true);
      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      expect(await countVisible()).toBe(0);
      expect(await app.startAgain()).toBe(0);
      await expect.poll(countVisible).toBe(1);
    });

    test('a reloaded page is connected again', async () => {
      await app.page.reload();
      await app.page.getByText('Serving').first().waitFor();
    });

    test('the tray copies base URL and key, closes and opens the door, and opens the window', async () => {
      await useTray(app.electron, 'copy-url');
      expect(await readClipboard(app.electron)).toBe(app.url);
      await useTray(app.electron, 'copy-key');
      await expect.poll(() => readClipboard(app.electron)).not.toBe(app.url);
      const key = await readClipboard(app.electron);
      const headers = { authorization: `Bearer ${key}` };
      expect((await fetch(`${app.url}/v1/models`, { headers })).status).toBe(200);

      await useTray(app.electron, 'stop');
      await expect.poll(async () => Object.keys(await readTrayMenu(app.electron))).toContain('start');
      await expect(fetch(`${app.url}/health`)).rejects.toThrow();
      await useTray(app.electron, 'start');
      await expect.poll(() => serves().catch(() => false)).toBe(true);

      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      await useTray(app.electron, 'open');
      expect(await countVisible()).toBe(1);
    });

    test('start at login is kept as the system wants it, and taken back', async () => {
      const file = await app.electron.evaluate(() => `${process.env.XDG_CONFIG_HOME}/autostart/patchbay.desktop`);
      expect(existsSync(file)).toBe(false);
      await useTray(app.electron, 'login');
      await expect.poll(() => existsSync(file)).toBe(true);
      await expect.poll(async () => (await readTrayMenu(app.electron)).login).toBe('Start at login (on)');
      await useTray(app.electron, 'login');
      await expect.poll(() => existsSync(file)).toBe(false);
    });
  });

  describe('on its way out', () => {
    beforeEach(startServing);
    afterEach(() => app?.close());

    test('quitting in the tray leaves no process behind', async () => {
      const processes = app.listProcesses();
      expect(processes.length).toBeGreaterThan(2);
      const exit = waitForExit(app.electron.process());
      await useTray(app.electron, 'quit').catch(() => {}); // the answer may be lost with the app
      expect(await exit).toBe(0);
      await expect.poll(() => processes.filter(isRunning)).toEqual([]);
      await expect(fetch(`${app.url}/health`)).rejects.toThrow();
    });

    test('SIGTERM stops it as cleanly', async () => {
      const processes = app.listProcesses();
      const exit = waitForExit(app.electron.process());
      app.electron.process().kill('SIGTERM');
      expect(await exit).toBe(0);
      await expect.poll(() => processes.filter(isRunning)).toEqual([]);
    });
  });

  test('a taken port is told in the window, and the free one that is offered is used', async () => {
    const port = await findFreePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    try {
      app = await startDesktopApp(screen, port);
      const offer = app.page.getByRole('button', { name: /^Use \d+|port \d+/i });
      const free = Number(/\d+/.exec((await offer.first().textContent()) ?? '')?.[0]);
      expect((await readTrayMenu(app.electron)).state).toBe(`Port ${port} is taken by another program`);
      await offer.first().click();
      await app.page.getByText('Serving').first().waitFor();
      expect((await fetch(`http://127.0.0.1:${free}/health`)).ok).toBe(true);
    } finally {
      squatter.close();
      await app?.close();
    }
  });
});
