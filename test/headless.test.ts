// The headless Patchbay as a program: what it prints, what it answers, how it stops and how it refuses.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFreePort } from './support/desktop-app.ts';
import { describeWith, findTool } from './support/tools.ts';

const ROOT = resolve(import.meta.dirname, '..');
const ENTRY = join(ROOT, 'out', 'main', 'headless.js');

interface Program {
  readonly child: ChildProcess;
  /** Resolves with the first match in what it has printed, now or later. */
  find(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with everything it printed when it has ended. */
  readonly end: Promise<{ code: number | null; text: string }>;
}

let folder: string;
let port: number;
const running: Program[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-headless-'));
  port = await findFreePort();
});

afterEach(async () => {
  for (const { child, end } of running.splice(0)) {
    child.kill('SIGKILL');
    await end;
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[] = [], more: Record<string, string> = {}): Program {
  return run([process.execPath, ENTRY, ...args], more);
}

function run([program = '', ...args]: readonly string[], more: Record<string, string> = {}): Program {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    PATCHBAY_DATA_DIR: join(folder, 'data'),
    PATCHBAY_PORT: String(port),
    ...more,
  };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const watchers = new Set<() => void>();
  const take = (chunk: Buffer) => {
    text += chunk;
    for (const watch of watchers) watch();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const end = new Promise<{ code: number | null; text: string }>((done) => {
    child.once('close', (code) => done({ code, text }));
  });
  const find = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((done, fail) => {
      const watch = () => {
        const found = pattern.exec(text);
        if (found === null) return;
        watchers.delete(watch);
        done(found);
      };
      watchers.add(watch);
      watch();
      void end.then(() => fail(new Error(`It ended without printing ${pattern}:\n${text}`)));
    });
  running.push({ child, find, end });
  return { child, find, end };
}

const findLink = (program: Program) => program.find(/http:\S+\/gui\/open\/\S+/);

describe('a headless start', () => {
  test('prints base URL, key and link, answers with them, and stops on SIGTERM', async () => {
    const program = start();
    const [link] = await findLink(program);
    const [, key = ''] = await program.find(/Key\s+(\S+)/);
    const [, baseUrl = ''] = await program.find(/Base URL\s+(\S+)/);
    expect(baseUrl).toBe(`http://127.0.0.1:${port}/v1`);
    expect((await fetch(`${baseUrl}/models`)).status).toBe(401);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'demo', stream: true, messages: [{ role: 'user', content: 'hello' }] });
    const answer = await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body });
    expect(await answer.text()).toMatch(/data: \[DONE\]\s*$/);
    expect((await fetch(link)).headers.get('set-cookie')).toContain('HttpOnly');
    program.child.kill('SIGTERM');
    expect(await program.end).toMatchObject({ code: 0 });
  });

  test('stops as cleanly when its terminal goes', async () => {
    const program = start();
    await findLink(program);
    program.child.kill('SIGHUP');
    expect(await program.end).toMatchObject({ code: 0 });
  });

  test('gives the same key the next time', async () => {
    const first = start();
    const [, key] = await first.find(/Key\s+(\S+)/);
    first.child.kill('SIGINT');
    expect((await first.end).code).toBe(0);
    const second = start();
    expect((await second.find(/Key\s+(\S+)/))[1]).toBe(key);
  });

  test('prints a new link on SIGUSR2', async () => {
    const program = start();
    const [first] = await findLink(program);
    await program.find(/Secrets/);
    program.child.kill('SIGUSR2');
    const [, second = ''] = await program.find(/\/gui\/open\/.*(http:\S+\/gui\/open\/\S+)/s);
    expect(second).not.toBe(first);
    expect((await fetch(second)).status).toBe(200);
  });

  test('opens the door again on SIGUSR2 after it was closed in the GUI', async () => {
    const program = start();
    const [link] = await findLink(program);
    const cookie = (await fetch(link)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const origin = `http://127.0.0.1:${port}`;
    await fetch(`${origin}/gui/rpc/door/stop`, { method: 'POST', headers: { cookie, origin } }).catch(() => {});
    await program.find(/The door is closed/);
    await expect(fetch(`${origin}/health`)).rejects.toThrow();
    program.child.kill('SIGUSR2');
    await program.find(/The door is closed.*\/gui\/open\//s);
    expect((await fetch(`${origin}/health`)).ok).toBe(true);
  });

  test('moves to another port that is chosen in the GUI, and does not call that closed', async () => {
    const program = start();
    const [link] = await findLink(program);
    const cookie = (await fetch(link)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const origin = `http://127.0.0.1:${port}`;
    const other = await findFreePort();
    const headers = { cookie, origin, 'content-type': 'application/json' };
    const body = JSON.stringify({ json: { port: other } });
    await fetch(`${origin}/gui/rpc/settings/change`, { method: 'POST', headers, body }).catch(() => {});
    await program.find(new RegExp(`serves at http://127.0.0.1:${other}\\n.*/gui/open/`));
    program.child.kill('SIGTERM');
    expect((await program.end).text).not.toContain('The door is closed');
  });

  test('takes accounts and keys from a file, whose port gives way to the option', async () => {
    const file = join(folder, 'patchbay.json');
    const config = { port: 1, clientKeys: [{ name: 'ide', key: 'env:IDE_KEY' }] };
    writeFileSync(file, JSON.stringify(config));
    const other = await findFreePort();
    const program = start(['--config', file, '--port', String(other)], { IDE_KEY: 'pb-from-the-environment' });
    await findLink(program);
    const headers = { authorization: 'Bearer pb-from-the-environment' };
    expect((await fetch(`http://127.0.0.1:${other}/v1/models`, { headers })).status).toBe(200);
    program.child.kill('SIGTERM');
    const { text } = await program.end;
    expect(text).not.toContain('pb-from-the-environment');
  });
});

describe('the second door', () => {
  const writeConfig = (ollama: object) => {
    const file = join(folder, 'patchbay.json');
    writeFileSync(file, JSON.stringify({ ollama }));
    return file;
  };

  test('is opened by the file, answers without a key where it wants none, and has no GUI', async () => {
    const second = await findFreePort();
    const program = start(['--config', writeConfig({ port: second, requireKey: false })]);
    const [, url = ''] = await program.find(/Also at\s+(\S+)\s+\(without a key/);
    expect(url).toBe(`http://127.0.0.1:${second}`);
    expect((await fetch(`${url}/api/tags`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/api/tags`)).status).toBe(401);
    const asBrowser = { headers: { accept: 'text/html' } };
    expect(await (await fetch(url, asBrowser)).text()).toBe('Ollama is running');
    const [link] = await findLink(program);
    expect((await fetch(link.replace(String(port), String(second)), asBrowser)).status).toBe(404);
    expect((await fetch(link)).status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.end).toMatchObject({ code: 0 });
    await expect(fetch(url)).rejects.toThrow();
  });

  test('that finds Ollama itself on its port says so with a free one, and the main door serves', async () => {
    const taken = await findFreePort();
    const answers: Record<string, string> = { '/': 'Ollama is running', '/api/version': '{"version":"0.13.4"}' };
    const squatter = createServer(({ url = '' }, response) => {
      response.writeHead(url in answers ? 200 : 404).end(answers[url]);
    }).listen(taken, '127.0.0.1');
    try {
      const program = start([], { PATCHBAY_OLLAMA_PORT: String(taken) });
      const told = `Ollama itself \\(version 0.13.4\\) already uses port ${taken}. Port (\\d+) is free: PATCHBAY_OLLAMA_PORT=`;
      await program.find(new RegExp(told));
      expect((await fetch(`http://127.0.0.1:${port}/health`)).ok).toBe(true);
    } finally {
      squatter.close();
    }
  });

  test('is told when it is switched on, moved and wants no key any more', async () => {
    const program = start();
    const [link] = await findLink(program);
    const cookie = (await fetch(link)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const origin = `http://127.0.0.1:${port}`;
    const headers = { cookie, origin, 'content-type': 'application/json' };
    const change = async (json: object) => {
      const body = JSON.stringify({ json });
      const response = await fetch(`${origin}/gui/rpc/settings/change`, { method: 'POST', headers, body });
      expect(response.status).toBe(200);
    };
    const [one, other] = [await findFreePort(), await findFreePort()];
    await change({ ollamaDoor: true, ollamaPort: one });
    await program.find(new RegExp(`Also at   http://127.0.0.1:${one}   \\(with the same key\\)`));
    await change({ ollamaPort: other });
    await program.find(new RegExp(`Also at   http://127.0.0.1:${other} `));
    expect((await fetch(`http://127.0.0.1:${other}/api/tags`)).status).toBe(401);
    await change({ ollamaRequireKey: false });
    expect((await fetch(`http://127.0.0.1:${other}/api/tags`)).status).toBe(200);
  });
});

describe('npm start without a desktop', () => {
  test('says why it is headless, and ends with npm, which passes no signal on', async () => {
    const program = run(['npm', 'start']);
    await program.find(/Starting headless: there is no desktop here/);
    await findLink(program);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).ok).toBe(true);
    program.child.kill('SIGTERM');
    await program.find(/Stopping/);
    // The output is open until the last process that writes to it has ended.
    await program.end;
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  test('takes no options, and says where they belong', async () => {
    const { code, text } = await run([process.execPath, join('scripts', 'start.mjs'), '--port', '1']).end;
    expect(code).toBe(2);
    expect(text).toContain('npm run headless --');
  });
});

describe('a headless start that cannot be', () => {
  test('names the taken port and a free one', async () => {
    const squatter = createServer().listen(port, '127.0.0.1');
    const { code, text } = await start().end;
    squatter.close();
    expect(code).toBe(1);
    expect(text).toMatch(new RegExp(`${port}.*npm run headless -- --port \\d+`, 's'));
  });

  test('names what is wrong in the file', async () => {
    const file = join(folder, 'patchbay.json');
    writeFileSync(file, JSON.stringify({ accounts: [{ id: 'a', provider: 'no-such-provider' }] }));
    const { code, text } = await start(['--config', file]).end;
    expect(code).toBe(2);
    expect(text).toContain('accounts[0].provider');
  });

  test('names an option that it does not know', async () => {
    expect(await start(['--prot', '1']).end).toEqual({ code: 2, text: "Unknown option '--prot'.\nSee --help.\n" });
  });

  test('says that another Patchbay has the data folder', async () => {
    await findLink(start());
    const { code, text } = await start(['--port', String(await findFreePort())]).end;
    expect(code).toBe(2);
    expect(text).toContain('Another Patchbay');
  });
});

describeWith(['chromium'], 'the GUI in a browser', () => {
  test('opens with the printed link, hears of changes, and keeps the key out of its page', async () => {
    const program = start();
    const [link] = await findLink(program);
    const [, key = ''] = await program.find(/Key\s+(\S+)/);
    const browser = await chromium.launch({ executablePath: findTool('chromium'), args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await page.goto(`http://127.0.0.1:${port}/`);
      expect(await page.textContent('h1')).toBe('This Patchbay is locked');
      complaints.length = 0; // the refusal itself
      await page.goto(link);
      await page.getByText('Serving').first().waitFor();
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'hello' }] });
      await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', headers, body });
      await page.getByRole('link', { name: 'Requests', exact: true }).click();
      await page.getByRole('row').filter({ hasText: 'demo' }).first().waitFor();
      expect(await page.content()).not.toContain(key);
      expect(complaints).toEqual([]);
      const stranger = await browser.newPage();
      await stranger.goto(link);
      expect(await stranger.textContent('h1')).toBe('This link no longer opens');
    } finally {
      await browser.close();
    }
  });

  test('does not hold up the stop', async () => {
    const program = start();
    const [link] = await findLink(program);
    const browser = await chromium.launch({ executablePath: findTool('chromium'), args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.goto(link);
      await page.getByText('Serving').first().waitFor();
      const before = performance.now();
      program.child.kill('SIGTERM');
      expect((await program.end).code).toBe(0);
      expect(performance.now() - before).toBeLessThan(3_000);
    } finally {
      await browser.close();
    }
  });
});
