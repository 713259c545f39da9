// A person's machine with Kiro's programs on it, a clock that a test turns, and the real code for logins over both.
import { setMaxListeners } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import type { Credential } from '../../main/credentials/credential.ts';
import { createProviderVault } from '../../main/credentials/provider-vault.ts';
import type { Vault } from '../../main/credentials/vault.ts';
import { createHttpClient } from '../../main/http/client.ts';
import { createKiroCredentials } from '../../main/providers/kiro/credentials.ts';
import type { Machine } from '../../main/providers/kiro/places.ts';
import { createLogger } from '../../main/util/logger.ts';
import { type IssuedLogin, type KiroAuthStub, startKiroAuthStub } from './kiro-auth-stub.ts';
import { createMemoryVault } from './memory-vault.ts';

/** A time to begin at. */
export const START = Date.parse('2026-08-01T12:00:00Z');
export const MINUTE = 60_000;

/** A clock by hand: `pause` ends when somebody turns it far enough, or at once where the test says so. */
export interface HandClock {
  time: number;
  readonly now: () => number;
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Waits that have been asked for, in milliseconds. */
  readonly pauses: number[];
  /** Pauses shorter than this take no time. */
  atOnceBelowMs: number;
}

/** A clock at `START` whose pauses take no time, but for those with which a request is kept waiting. */
export function createHandClock(): HandClock {
  const clock: HandClock = {
    time: START,
    now: () => clock.time,
    pauses: [],
    atOnceBelowMs: 4_000,
    pause: async (ms, signal) => {
      clock.pauses.push(ms);
      signal?.throwIfAborted();
      if (ms < clock.atOnceBelowMs) return;
      await new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  };
  return clock;
}

/** Everything that a test of logins needs. */
export interface KiroScene {
  readonly stub: KiroAuthStub;
  readonly clock: HandClock;
  readonly vault: Vault & { readonly secrets: Map<string, string> };
  readonly machine: Machine;
  /** Lines of the log, from `info` on. */
  readonly log: string[];
  readonly hidden: Set<string>;
  readonly signal: AbortSignal;
  /** Logins as a program start makes them: nothing in memory. */
  start(vault?: Vault): ReturnType<typeof createKiroCredentials>;
  /** An account whose hosts are the stub's. */
  account(given: {
    readonly id?: string;
    readonly method: string;
    readonly values?: Record<string, string>;
    readonly secrets?: Record<string, string>;
  }): Credential;
  close(): Promise<void>;
}

/** A scene in `home`. */
export async function openKiroScene(home: string): Promise<KiroScene> {
  const clock = createHandClock();
  const stub = await startKiroAuthStub(clock.now);
  const http = createHttpClient();
  const log: string[] = [];
  const hidden = new Set<string>();
  const logger = createLogger({ level: 'info', write: (line) => log.push(line), redact: (text) => text });
  const memory = createMemoryVault();
  const { signal } = new AbortController();
  // Hundreds of requests wait with it, which have one each in life.
  setMaxListeners(0, signal);
  const machine: Machine = { platform: 'linux', home, environment: {} };
  return {
    stub,
    clock,
    vault: memory,
    machine,
    log,
    hidden,
    signal,
    start: (vault = memory) => {
      const learnSecret = (secret: string) => void hidden.add(secret);
      const own = createProviderVault({ vault: () => vault, provider: () => 'kiro', learnSecret });
      return createKiroCredentials({ http, logger, vault: own }, { machine, now: clock.now, pause: clock.pause });
    },
    account: ({ id = 'kiro', method, values = {}, secrets = {} }) => ({
      account: {
        id,
        provider: 'kiro',
        name: 'Kiro',
        method,
        values,
        env: {},
        endpoints: stub.endpoints,
        models: [],
        source: 'settings',
      },
      secrets,
    }),
    close: async () => {
      await http.close();
      await stub.close();
    },
  };
}

/** The IDE's files with this login in `home`; returns the path of the token file. */
export function writeIdeLogin(home: string, login: IssuedLogin, more: Readonly<Record<string, unknown>> = {}): string {
  const path = join(home, '.aws', 'sso', 'cache', 'kiro-auth-token.json');
  mkdirSync(dirname(path), { recursive: true });
  const { accessToken, refreshToken, clientId, clientSecret } = login;
  const social = { authMethod: 'social', provider: 'Google' };
  const registered = { authMethod: 'IdC', provider: 'Enterprise', clientIdHash: 'abc123' };
  const token = { accessToken, refreshToken, ...(clientId === undefined ? social : registered), ...more };
  if (clientId !== undefined) {
    const companion = { clientId, clientSecret, expiresAt: '2026-10-01T00:00:00Z', scopes: ['x'] };
    writeFileSync(join(dirname(path), 'abc123.json'), JSON.stringify(companion), { mode: 0o600 });
  }
  writeFileSync(path, `${JSON.stringify(token, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}

/** The object in a JSON file. */
export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** A database of kiro-cli with these rows, by itself in the journal mode that the program uses; returns its path. */
export function writeCliDatabase(
  home: string,
  rows: Readonly<Record<string, object | Buffer>>,
  state: Readonly<Record<string, object | string>> = {},
  journal: 'WAL' | 'DELETE' = 'WAL',
): string {
  const path = join(home, '.local', 'share', 'kiro-cli', 'data.sqlite3');
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path);
  database.exec(`PRAGMA journal_mode = ${journal}`);
  database.exec('CREATE TABLE IF NOT EXISTS auth_kv (key TEXT PRIMARY KEY, value TEXT)');
  database.exec('CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB)');
  for (const [key, value] of Object.entries(rows)) {
    const cell = Buffer.isBuffer(value) ? value : JSON.stringify(value);
    database.prepare('INSERT OR REPLACE INTO auth_kv VALUES (?, ?)').run(key, cell);
  }
  for (const [key, value] of Object.entries(state)) {
    const cell = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    database.prepare('INSERT OR REPLACE INTO state VALUES (?, ?)').run(key, cell);
  }
  database.close();
  return path;
}

/** A row of the database as an object. */
export function readCliRow(path: string, key: string): Record<string, unknown> {
  const database = new Database(path);
  try {
    const { value } = database.prepare('SELECT value FROM auth_kv WHERE key = ?').get(key) as {
      value: string | Buffer;
    };
    return JSON.parse(value.toString());
  } finally {
    database.close();
  }
}
