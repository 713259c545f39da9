// A person lets an agent work: a folder is picked in the system's own window, the agent is switched on, its question comes
// up in the window, in the tray and as a message of the system, and the answer is given.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DesktopApp, findFreePort, openScreen, type Screen, startDesktopApp } from '../support/desktop-app.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { claudeFile, whyNoClaude } from '../support/real-claude.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { describeWith } from '../support/tools.ts';
import { readClipboard, readTrayMenu, useTray } from '../support/tray.ts';

/** What the stand-in for the system's messages keeps in the main process. */
type Told = { notices?: { title: string; body: string; open: boolean; click: () => void }[] };

describeWith(['electron', 'xvfb'], 'an agent in the desktop app', () => {
  describe.skipIf(claudeFile === undefined)(`with the real program${whyNoClaude}`, { timeout: 60_000 }, () => {
    let screen: Screen;
    let stub: MessagesStub;
    let app: DesktopApp;
    let client: OpenAI;
    let folder: string;

    beforeAll(async () => {
      screen = await openScreen();
      stub = await startMessagesStub();
      app = await startDesktopApp(screen, await findFreePort());
      await app.page.getByText('Serving').first().waitFor();
    }, 60_000);
    afterAll(async () => {
      await app?.close();
      await stub?.close();
      screen?.close();
    });
    beforeEach(() => {
      folder = join(makeTempFolder(), 'shop');
      mkdirSync(folder);
    });

    /** Electron's own doors to the system answer from here: nobody can pick a folder or click a message without a desktop. */
    const standInForSystem = (path: string) =>
      app.electron.evaluate(({ dialog, Notification }, picked) => {
        dialog.showOpenDialog = (async () => ({
          canceled: false,
          filePaths: [picked],
        })) as typeof dialog.showOpenDialog;
        const told: NonNullable<Told['notices']> = [];
        (globalThis as Told).notices = told;
        type Shown = Electron.Notification & { said?: (typeof told)[number] };
        Notification.prototype.show = function show(this: Shown) {
          this.said = { title: this.title, body: this.body, open: true, click: () => this.emit('click') };
          told.push(this.said);
        };
        Notification.prototype.close = function close(this: Shown) {
          if (this.said !== undefined) this.said.open = false;
        };
      }, path);
    const listNotices = () =>
      app.electron.evaluate(() =>
        ((globalThis as Told).notices ?? []).map(({ title, body, open }) => ({ title, body, open })),
      );
    const countFocused = () =>
      app.electron.evaluate(
        ({ BrowserWindow }) => BrowserWindow.getAllWindows().filter((window) => window.isVisible()).length,
      );

    const addAccount = async () => {
      const { page } = app;
      // The program's upstream is a stub: a script in its place says so, as a person's own could.
      const program = join(makeTempFolder(), 'claude');
      writeFileSync(program, `#!/bin/sh\nANTHROPIC_BASE_URL=${stub.url} exec "${claudeFile}" "$@"\n`);
      chmodSync(program, 0o755);
      await page.getByRole('button', { name: 'Add account' }).first().click();
      await page.getByRole('button', { name: /^Claude Code/ }).click();
      await page.getByText('API key', { exact: true }).first().click();
      await page.getByRole('textbox', { name: /^API key/ }).fill('sk-ant-test');
      await page.getByRole('textbox', { name: /^Program/ }).fill(program);
      await page.getByRole('button', { name: 'Save and check' }).click();
      await page.getByText('Claude Code is saved').waitFor();
      await page.keyboard.press('Escape');
    };

    const addProject = async () => {
      const { page } = app;
      await page.getByRole('link', { name: 'Projects' }).click();
      await page.getByRole('button', { name: 'Add project' }).click();
      await page.getByRole('button', { name: 'Choose' }).click();
      await expect.poll(() => page.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(folder);
      expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('shop');
      await page.getByRole('textbox', { name: 'Name' }).fill('Shop');
      await page.getByRole('switch', { name: 'Agent' }).click({ force: true });
      await page.getByRole('checkbox', { name: /^Bash/ }).check({ force: true });
      await page.getByRole('button', { name: 'Save and turn the agent on' }).click();
      await page.getByText('Agent on').first().waitFor();
    };

    test('is switched on, asks, and goes on as it is told', async () => {
      const { page, electron } = app;
      await standInForSystem(folder);
      await addAccount();
      await addProject();
      await useTray(electron, 'copy-key');
      await expect.poll(() => readClipboard(electron)).toMatch(/^pb-/);
      client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: await readClipboard(electron), maxRetries: 0 });

      stub.reply(
        { toolUses: [{ id: 't1', name: 'Bash', input: { command: 'touch made.txt', description: 'Make it' } }] },
        { text: 'It is made.' },
      );
      await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      const messages = [{ role: 'user' as const, content: 'Make a file' }];
      const asking = client.chat.completions.create({ model: 'agent:shop', messages });
      const notice = { title: 'The agent of Shop asks you', body: 'Bash: touch made.txt' };
      await expect.poll(listNotices, { timeout: 20_000 }).toEqual([{ ...notice, open: true }]);
      expect(await readTrayMenu(electron)).toMatchObject({
        state: 'The agent of Shop waits for your word',
        open: 'Answer in Patchbay',
      });
      expect(await countFocused()).toBe(0);
      await electron.evaluate(() => (globalThis as Told).notices?.[0]?.click());
      await expect.poll(countFocused).toBe(1);
      expect(existsSync(join(folder, 'made.txt'))).toBe(false);

      const question = page.getByRole('region', { name: 'An agent asks you' });
      await question.getByText('touch made.txt', { exact: true }).waitFor();
      await question.getByRole('button', { name: 'Allow once' }).click();
      expect((await asking).choices[0]?.message.content).toBe('It is made.');
      expect(existsSync(join(folder, 'made.txt'))).toBe(true);
      await expect.poll(listNotices).toEqual([{ ...notice, open: false }]);
      await expect.poll(async () => (await readTrayMenu(electron)).open).toBe('Open Patchbay');
      await page.getByRole('row').filter({ hasText: 'agent:shop' }).first().waitFor();
    });
  });
});
