#!/usr/bin/env node
// A program that signs in and out like Claude Code, word for word, without asking anybody: the code `good#...` is right, any
// other whole code is wrong. Its login is a file in its configuration folder. FAKE_LOGIN names the file of its diary.
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const args = process.argv.slice(2);
const folder = process.env.CLAUDE_CONFIG_DIR ?? join(process.env.HOME ?? homedir(), '.claude');
const login = join(folder, '.credentials.json');
const note = (entry) => appendFileSync(process.env.FAKE_LOGIN, `${JSON.stringify(entry)}\n`);
note({ arguments: args, folder, pid: process.pid, browser: process.env.BROWSER, log: process.env.ANTHROPIC_LOG });

const say = (text) => process.stdout.write(text);
const complain = (text) => process.stderr.write(`${text}\n`);

function status() {
  const loggedIn = existsSync(login);
  const who = loggedIn ? { authMethod: 'claude.ai', email: 'ada@example.com', subscriptionType: 'max' } : {};
  say(`${JSON.stringify({ loggedIn, authMethod: 'none', apiProvider: 'firstParty', ...who }, undefined, 2)}\n`);
  process.exit(loggedIn ? 0 : 1);
}

function signIn(kind) {
  const host = kind === '--console' ? 'https://platform.claude.com' : 'https://claude.com/cai';
  say('Opening browser to sign in…\n');
  // In two pieces, as a pipe may cut it anywhere.
  say(`If the browser didn't open, visit: ${host}/oauth/auth`);
  setImmediate(() => say('orize?code=true&state=st\nPaste code here if prompted > '));
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [code, state] = line.trim().split('#');
    if (!code || !state) {
      complain("That doesn't look like the full code. Copy all of it, including the # in the middle.");
    } else if (code === 'hang') {
      note({ hangs: true });
    } else if (code === 'good') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(login, '{}');
      say('Login successful.\n');
      process.exit(0);
    } else {
      complain(
        `Couldn't log in: That code wasn't accepted. It may be incomplete, expired, already used, or from an earlier sign-in attempt. Sign in again to get a new code.`,
      );
      process.exit(1);
    }
  });
}

function signOut() {
  const loggedIn = existsSync(login);
  rmSync(login, { force: true });
  if (loggedIn) note({ signedOut: folder });
  say('Successfully logged out from your Anthropic account.\n');
  process.exit(0);
}

if (args[0] === '--version') {
  say('2.1.329 (Claude Code)\n');
} else if (args[1] === 'status') status();
else if (args[1] === 'login') signIn(args[2]);
else if (args[1] === 'logout') signOut();
