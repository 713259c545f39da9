// A whole gateway behind an open door, in this process: real rooms, with memory where the disk would be.

import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryAccount } from '../../main/admin/try-account.ts';
import { createAccountBook } from '../../main/credentials/account-book.ts';
import type { FileAccount } from '../../main/credentials/account-sources.ts';
import type { ClientKeys } from '../../main/credentials/client-keys.ts';
import type { Account } from '../../main/credentials/credential.ts';
import { openGlobalProxy } from '../../main/credentials/global-proxy.ts';
import { createProviderVault } from '../../main/credentials/provider-vault.ts';
import type { Vault } from '../../main/credentials/vault.ts';
import {
  explainAgent,
  type ListAgentAccounts,
  listAgentAccounts,
  nameAgentAccounts,
} from '../../main/gateway/agent-accounts.ts';
import { createGateway } from '../../main/gateway/gateway.ts';
import { createModelCatalog } from '../../main/gateway/model-catalog.ts';
import { createPool, type Pool } from '../../main/gateway/pool.ts';
import { createRouter } from '../../main/gateway/router.ts';
import { createServedModels } from '../../main/gateway/served-models.ts';
import { createHttpClient } from '../../main/http/client.ts';
import type { ProjectBook } from '../../main/projects/project-book.ts';
import { createQuestionDesk, type QuestionDesk } from '../../main/projects/question-desk.ts';
import type { SessionBook } from '../../main/projects/session-book.ts';
import { createProtocols } from '../../main/protocols/registry.ts';
import type { Provider, ProviderServices } from '../../main/providers/provider.ts';
import { providers as registry } from '../../main/providers/registry.ts';
import { createRedactor } from '../../main/request-log/redact.ts';
import type { RequestLog } from '../../main/request-log/request-log.ts';
import { createApp } from '../../main/server/app.ts';
import { createDoors, type Doors } from '../../main/server/doors.ts';
import { createRunningRequests } from '../../main/server/running.ts';
import { createSilenceWatch } from '../../main/server/silence.ts';
import type { TokenDoor } from '../../main/server/token-admin.ts';
import { SYSTEM_CLOCK } from '../../main/util/clock.ts';
import { createLogger } from '../../main/util/logger.ts';
import type { Project } from '../../shared/projects.ts';
import type { QuotaMeter } from '../../shared/quota.ts';
import type { RequestView } from '../../shared/requests.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../shared/settings.ts';
import type { DoorView, TryStep } from '../../shared/views.ts';
import { openTestBooks } from './books.ts';
import { createMemoryVault } from './memory-vault.ts';
import { quietServices } from './quiet-services.ts';

export const KEY = 'pb-test-key-0123456789';

/** Another client's key to the same house. */
export const OTHER_KEY = 'pb-other-key-0123456789';

/** What a test says of its accounts; the rest is filled in. */
export type TestAccount = Partial<Account> & { readonly id: string; readonly secrets?: Record<string, string> };

/** A running house. */
export interface House {
  readonly url: string;
  /** Where providers keep their scratch files. */
  readonly folder: string;
  readonly door: HouseDoor;
  /** The second door, where the settings have it; undefined where they do not. */
  second(): DoorView | undefined;
  /** Changes settings as the engine does: throws what cannot be, moves the doors. */
  change(settings: Partial<Settings>): Promise<void>;
  readonly projects: ProjectBook;
  readonly sessions: SessionBook;
  readonly pool: Pool;
  readonly questions: QuestionDesk;
  /** Tries an account for real, as the GUI does. */
  try(account: string, signal?: AbortSignal, model?: string): AsyncIterable<TryStep>;
  /** Every request so far, newest last, as it stands in the log. */
  readonly log: RequestView[];
  /** Resolves with the log's record once `count` requests are closed. */
  closed(count: number): Promise<RequestView[]>;
  close(): Promise<void>;
}

/** Both doors, at an address of the test's choice. */
export interface HouseDoor {
  view(): DoorView;
  start(host: string, port: number): Promise<void>;
  stop(drainMs: number): Promise<void>;
}

/** Opens a house with these accounts; providers may be scripted ones. */
export async function openHouse(options: {
  readonly accounts?: readonly TestAccount[];
  /** In place of those of the registry; made with the house's own services where they need some. */
  readonly providers?: readonly Provider[] | ((services: ProviderServices) => readonly Provider[]);
  readonly settings?: Partial<Settings>;
  /** Those of the configuration file. */
  readonly projects?: readonly Project[];
  /** Where secrets are; an empty one in memory unless given. */
  readonly vault?: Vault;
  /** In place of two keys without rules. */
  readonly keys?: ClientKeys;
  /** Failures let no account rest: for tests of one account that fails again and again. */
  readonly neverRests?: boolean;
  /** What answers for the GUI; without it there is none. */
  readonly gui?: RequestListener;
  /** The administration of accounts for programs; without it there is none. */
  readonly tokens?: TokenDoor;
  /** Hears what answers tell of accounts' limits. */
  readonly learn?: (account: Account, meters: readonly QuotaMeter[]) => void;
}): Promise<House> {
  const { gui, tokens, keys = testKeys } = options;
  let settings: Settings = { ...DEFAULT_SETTINGS, port: 0, ...options.settings };
  const http = createHttpClient();
  const redactor = createRedactor();
  const logger = createLogger({
    level: 'error',
    write: (line) => process.stderr.write(`${line}\n`),
    redact: redactor.redact,
  });
  const limits = () => ({ firstByteMs: settings.firstByteMs, idleMs: settings.idleMs });
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-house-'));
  let listAble: ListAgentAccounts = () => [];
  const books = openTestBooks(folder, {
    fileProjects: options.projects,
    onForgotten: (states) => {
      for (const state of states) for (const provider of made) void provider.forgetSession?.(state);
    },
  });
  const { projects, sessions: sessionBook } = books;
  const questions = createQuestionDesk({ waitMs: () => settings.agentAskMs });
  const vault = options.vault ?? createMemoryVault();
  const serve = (provider: () => string): ProviderServices => {
    return {
      ...quietServices,
      http,
      logger,
      folder,
      limits,
      agents: nameAgentAccounts(
        () => projects.agents,
        () => listAble(),
      ),
      ask: questions.ask,
      vault: createProviderVault({ vault: () => vault, provider, learnSecret: redactor.add }),
    };
  };
  const made =
    typeof options.providers === 'function'
      ? options.providers(serve(() => 'test'))
      : (options.providers ??
        registry.map((create) => {
          const provider = create(serve(() => provider.id));
          return provider;
        }));
  const providers = new Map(made.map((provider) => [provider.id, provider]));
  const proxy = await openGlobalProxy({ vault, address: () => settings.proxy, learnSecret: redactor.add });
  if (settings.proxy !== '') settings = { ...settings, proxy: await proxy.take(settings.proxy) };
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault,
    fileAccounts: (options.accounts ?? []).map(fillAccount),
    builtIn: made.filter(({ signIn }) => signIn.length === 0).map(({ id, name }) => ({ id, name })),
    learnSecret: redactor.add,
    proxy: proxy.read,
  });
  listAble = () => listAgentAccounts(accounts.list(), providers);
  const { redact } = redactor;
  const catalog = createModelCatalog({ accounts, providers, redact, now: Date.now, patienceMs: 50 });
  projects.onChange(catalog.renew);
  const explain = (name: string) => explainAgent(name, projects.views);
  const router = createRouter({ accounts, catalog, explain, routing: () => settings.routing, allows: keys.allows });
  const created = createPool({ clock: SYSTEM_CLOCK, rules: () => settings.routing, redact });
  const pool = options.neverRests ? keepAwake(created) : created;
  const gateway = createGateway({
    accounts,
    providers,
    router,
    pool,
    limits: () => settings.routing.attempts,
    redact,
    clock: SYSTEM_CLOCK,
    ...(options.learn && { learn: options.learn }),
  });
  const served = createServedModels({ accounts, catalog, router, pool, routing: () => settings.routing });
  const { log, rows, closed } = createMemoryLog();
  const silence = createSilenceWatch(() => ({ keepAliveMs: settings.keepAliveMs, stallMs: settings.idleMs }));
  const doors = createDoors({
    createApp: ({ hasGui, ...plan }) =>
      createApp({
        ...plan,
        gateway,
        log,
        sessionBook,
        logger,
        settings: () => settings,
        silence,
        tokens,
        protocols: createProtocols({ projects, sessions: sessionBook }),
        served,
        keys,
        loadAdmin: gui && hasGui ? async () => gui : undefined,
      }),
    settings: () => settings,
    running: createRunningRequests(() => {}),
  });
  const door = createHouseDoor(doors, (change) => {
    settings = { ...settings, ...change };
  });
  await doors.start();
  return {
    url: door.view().baseUrl,
    door,
    folder,
    second: doors.viewSecond,
    change: async (change) => {
      const before = settings;
      const after = { ...settings, ...change, proxy: await proxy.take(change.proxy ?? settings.proxy) };
      await doors.check(before, after);
      settings = after;
      doors.follow(before, after);
    },
    projects,
    sessions: sessionBook,
    pool,
    questions,
    try: (id, signal = new AbortController().signal, model) => {
      const account = accounts.find(id);
      if (account === undefined) throw new Error(`no account ${id}`);
      return tryAccount({ gateway, log, models: { list: served.listRows }, redact }, { account, model, signal });
    },
    log: rows,
    closed,
    close: async () => {
      questions.close();
      await door.stop(0);
      await http.close();
      for (const provider of made) await provider.close?.();
      await pool.close();
      books.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same pool, which is told of no failure. */
function keepAwake(pool: Pool): Pool {
  const lease: Pool['lease'] = async (members, wish) => {
    const taken = await pool.lease(members, wish);
    if (taken === undefined) return undefined;
    return { ...taken, release: (outcome) => taken.release(outcome.type === 'ok' ? outcome : { type: 'dropped' }) };
  };
  return { ...pool, lease };
}

function createHouseDoor(doors: Doors, change: (settings: Partial<Settings>) => void): HouseDoor {
  return {
    view: doors.view,
    start: (host, port) => {
      change({ host, port });
      return doors.start();
    },
    stop: (drainMs) => {
      change({ drainMs });
      return doors.stop();
    },
  };
}

function fillAccount({ secrets = {}, ...account }: TestAccount): FileAccount {
  const base = {
    provider: 'openai-compatible',
    name: account.id,
    method: 'key',
    values: {},
    env: {},
    endpoints: {},
    models: [],
  };
  return { account: { ...base, source: 'file', ...account }, secrets, secretEnv: [] };
}

const testKeys: ClientKeys = {
  find: (presented) => {
    if (presented === KEY) return { id: 'test', name: 'Test' };
    return presented === OTHER_KEY ? { id: 'other', name: 'Other' } : undefined;
  },
  checkExpiry: () => {},
  enter: () => ({ spend: () => {}, leave: () => {} }),
  allows: () => true,
  list: () => [],
  reveal: () => undefined,
  renew: () => Promise.reject(new Error('not in tests')),
  add: () => Promise.reject(new Error('not in tests')),
  change: () => Promise.reject(new Error('not in tests')),
  revoke: () => Promise.reject(new Error('not in tests')),
  onChange: () => () => {},
  mishap: undefined,
  close: async () => {},
};

function createMemoryLog() {
  const rows: RequestView[] = [];
  const waits: { count: number; resolve: (rows: RequestView[]) => void }[] = [];
  const check = () => {
    const done = rows.filter(({ state }) => state !== 'running').length;
    for (const { count, resolve } of waits) if (done >= count) resolve(rows);
  };
  const log: RequestLog = {
    open: (opening) => {
      const row: RequestView = { ...opening, state: 'running', attempts: 0, path: [], notes: [] };
      rows.push(row);
      return {
        id: row.id,
        update: (progress) => Object.assign(row, progress),
        note: (text) => row.notes.includes(text) || row.notes.push(text),
        close: (state) => {
          row.state = state;
          check();
        },
      };
    },
    list: async () => ({ requests: rows, total: rows.length }),
    traffic: () => Promise.reject(new Error('not in tests')),
    clear: async () => {},
    onChange: () => () => {},
    mishap: undefined,
    close: async () => {},
  };
  const closed = (count: number) =>
    new Promise<RequestView[]>((resolve) => {
      waits.push({ count, resolve });
      check();
    });
  return { log, rows, closed };
}
