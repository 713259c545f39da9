// The composition root: builds every room and joins them. The only importer of both registries.
import { join } from 'node:path';
import type { Settings } from '../shared/settings.ts';
import type { AdminRouter, AdminServices } from './admin/index.ts';
import { createStatusStore, type StatusStore } from './admin/status.ts';
import { readConfigFile, readNoFile } from './config/config-file.ts';
import type { ClientKeys } from './credentials/client-keys.ts';
import { createProviderVault } from './credentials/provider-vault.ts';
import { openVault } from './credentials/vault.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { createSettingsChange } from './engine/change-settings.ts';
import { setFirstNotices } from './engine/first-notices.ts';
import { createLiveSettings } from './engine/live-settings.ts';
import { loadGui } from './engine/load-gui.ts';
import { openAccounts } from './engine/open-accounts.ts';
import { openGateway } from './engine/open-gateway.ts';
import { openTokenAdmin } from './engine/open-token-admin.ts';
import {
  findAgentProblem,
  type ListAgentAccounts,
  listAgentAccounts,
  nameAgentAccounts,
} from './gateway/agent-accounts.ts';
import { openToolCounts } from './gateway/tool-counts.ts';
import { createHttpClient } from './http/client.ts';
import { openProjects, type ProjectRooms } from './projects/open-projects.ts';
import { createQuestionDesk } from './projects/question-desk.ts';
import { createProtocols, listDialects } from './protocols/registry.ts';
import { providers as createProviders } from './providers/registry.ts';
import { createRedactor } from './request-log/redact.ts';
import { createRequestLog } from './request-log/request-log.ts';
import { createApp } from './server/app.ts';
import { createDoors, type Doors } from './server/doors.ts';
import { createRunningRequests, type RunningRequests } from './server/running.ts';
import { createSessions } from './server/sessions.ts';
import { createSilenceWatch } from './server/silence.ts';
import { createSettingsStore } from './settings-store.ts';
import { createLogger, type Logger, readLogLevel } from './util/logger.ts';

/** What differs between the desktop and plain Node. */
export interface EngineHost {
  readonly mode: 'desktop' | 'headless';
  readonly version: string;
  /** Puts a text on the person's clipboard; absent where the host has none. */
  readonly writeClipboard?: (text: string) => void;
  /** Registers or removes the start at login; absent where the host cannot. */
  readonly setStartAtLogin?: (on: boolean) => void;
  /** Puts a message of the system's on the person's screen; absent where the host cannot. */
  readonly notify?: (title: string, text: string) => void;
  /** Lets the person choose a folder; absent where the host has no window for it. */
  readonly chooseFolder?: () => Promise<string | undefined>;
  /** Folder of the built GUI, served to a browser; absent where a window shows it. */
  readonly guiFolder?: string;
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly host: EngineHost;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Configuration as code, if any. */
  readonly configFile?: string;
}

/** The running whole, for the desktop and for plain Node. */
export interface Engine {
  /** Opens the door. Never throws for a port that cannot be opened: the status says so. */
  start(): Promise<void>;
  /** Lets running replies finish for a bounded time, then ends everything; nothing is left running. */
  stop(): Promise<void>;
  /** The calls of the GUI; loaded when they are first asked for, so that the door opens sooner. */
  loadAdmin(): Promise<AdminRouter>;
  readonly status: Pick<StatusStore, 'read' | 'onChange'>;
  readonly keys: ClientKeys;
  /** The settings that hold now. */
  settings(): Settings;
  readonly logger: Logger;
  /** A new link that opens the GUI in a browser, once; undefined where no browser is served. */
  openAdminLink(): string | undefined;
}

/** Builds the engine; nothing listens yet. Throws what a person must mend first: configuration, data folder, vault. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const folder = openDataFolder({ environment: options.environment });
  try {
    return await buildEngine(options, folder);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function buildEngine({ host, environment, configFile }: EngineOptions, folder: DataFolder): Promise<Engine> {
  const { guiFolder } = host;
  const redactor = createRedactor();
  const logger = createLogger({
    level: readLogLevel(environment.PATCHBAY_LOG),
    write: (line) => process.stderr.write(`${line}\n`),
    redact: redactor.redact,
  });
  const store = createSettingsStore({ dataFolder: folder.path });
  const http = createHttpClient();
  const live = createLiveSettings(store);
  const { read: settings, readUpstreamLimits: limits, readProgramLimits: programLimits } = live;
  const scratch = join(folder.path, 'scratch');
  const questions = createQuestionDesk({ waitMs: () => settings().agentAskMs });
  let rooms: ProjectRooms | undefined;
  const { ask } = questions;
  // The projects of the configuration file are known only when the providers have told what it may say of them.
  let listAble: ListAgentAccounts = () => [];
  const agents = nameAgentAccounts(
    () => rooms?.projects.agents,
    () => listAble(),
  );
  const toolCounts = openToolCounts({
    path: join(folder.path, 'tool-calls.json'),
    onMishap: (text) => logger.warn(text),
  });
  const services = { http, logger, folder: scratch, limits, programLimits, agents, ask, toolCalls: toolCounts };
  const providerList = createProviders.map((create) => {
    const own = { vault: () => vault, provider: () => provider.id, learnSecret: redactor.add };
    const provider = create({ ...services, vault: createProviderVault(own) });
    return provider;
  });
  const providers = new Map(providerList.map((provider) => [provider.id, provider]));

  const file =
    configFile === undefined ? readNoFile(environment) : readConfigFile(configFile, environment, providerList);
  live.fix({ ...file.settings, host: file.host, port: file.port });
  const vault = await openVault({ dataFolder: folder.path, environment, logger });
  const { keys, proxy, accounts } = await openAccounts({
    file,
    store,
    settings: live,
    vault,
    providers: providerList,
    learnSecret: redactor.add,
    dataFolder: folder.path,
    onMishap: (text) => logger.warn(text),
  });

  listAble = () => listAgentAccounts(accounts.list(), providers);

  let tellMishap: (text: string) => void = (text) => {
    mishap = text;
  };
  let mishap: string | undefined;
  const books = openProjects({
    dataFolder: folder.path,
    fileProjects: file.projects,
    keepDays: () => settings().sessionKeepDays,
    onForgotten: (states) => {
      for (const state of states) for (const provider of providerList) void provider.forgetSession?.(state);
    },
    findProblem: (agent) => findAgentProblem(agent, listAble()),
    onMishap: (text) => tellMishap(text),
  });
  rooms = books;
  const { projects, sessions: sessionBook } = books;
  const protocols = createProtocols({ projects, sessions: sessionBook });

  let doors: Doors | undefined;
  let running: RunningRequests | undefined;
  const status = createStatusStore({
    version: host.version,
    mode: host.mode,
    vault,
    dataFolder: folder.path,
    configFile,
    fixedSettings: live.listFixed(),
    protocols: listDialects(protocols),
    doors: () => doors,
    running: () => running,
  });
  running = createRunningRequests(status.tell);
  const log = createRequestLog({
    dataFolder: folder.path,
    workerUrl: new URL('./request-log-worker.js', import.meta.url),
    limits: () => ({ keepDays: settings().logKeepDays, keepRows: settings().logKeepRows }),
    redact: redactor.redact,
    onMishap: (text) => status.setNotice('log', 'The request log had a mishap', text),
  });
  setFirstNotices(status, { store, file, keys, proxy, accounts, logger });
  tellMishap = (text) => status.setNotice('sessions', 'The sessions had a mishap', text);
  status.setNotice('sessions', 'The sessions had a mishap', mishap);

  const gatewayRooms = openGateway({
    accounts,
    providers,
    agents,
    projects,
    redact: redactor.redact,
    allows: keys.allows,
    routing: () => settings().routing,
    onRouting: store.onChange,
    dataFolder: folder.path,
    quotaWarnPercent: () => settings().quotaWarnPercent,
    setNotice: status.setNotice,
    notify: (title, text) => {
      logger.warn(`${title}. ${text}`);
      host.notify?.(title, text);
    },
  });
  store.onChange(gatewayRooms.warnings.check);
  const { gateway, catalog, served, quotas, pool, renewals } = gatewayRooms;
  const tokens = openTokenAdmin({
    adminKey: file.adminKey,
    keys,
    configFile,
    environment,
    providers: providerList,
    accounts,
    catalog,
    pool,
    renewals,
    dataFolder: folder.path,
    redact: redactor.redact,
    learnSecret: redactor.add,
  });
  const silence = createSilenceWatch(() => ({ keepAliveMs: settings().keepAliveMs, stallMs: settings().idleMs }));
  const sessions = createSessions();
  const createLinkPath = () => `/gui/open/${sessions.createLink()}`;
  const opened = createDoors({
    createApp: ({ hasGui, ...plan }) =>
      createApp({
        ...plan,
        protocols,
        gateway,
        served,
        keys,
        log,
        sessionBook,
        logger,
        silence,
        tokens,
        settings,
        loadAdmin: guiFolder && hasGui ? () => loadGui({ loadAdmin, guiFolder, sessions, logger }) : undefined,
      }),
    settings,
    running,
  });
  doors = opened;
  opened.onChange(status.tell);

  const changeSettings = createSettingsChange({
    live,
    doors: opened,
    proxy,
    setStartAtLogin: host.setStartAtLogin,
    onChanged: status.tell,
  });
  const adminServices: AdminServices = {
    status,
    door: opened,
    accounts,
    keys,
    log,
    gateway,
    projects,
    sessions: sessionBook,
    questions,
    providers: providerList,
    settings: { read: settings, change: changeSettings, onChange: store.onChange },
    models: { list: served.listRows, count: catalog.count, onChange: catalog.onChange },
    toolCounts,
    quotas,
    pool,
    renewals,
    tester: gatewayRooms.tester,
    redact: redactor.redact,
    createLinkPath: guiFolder === undefined ? undefined : createLinkPath,
    writeClipboard: host.writeClipboard,
    chooseFolder: host.chooseFolder,
  };
  let admin: Promise<AdminRouter> | undefined;
  const loadAdmin = () => {
    admin ??= import('./admin/index.ts').then(({ createAdminRouter }) => createAdminRouter(adminServices));
    return admin;
  };

  return {
    start: opened.start,
    stop: async () => {
      questions.close();
      await opened.stop();
      await gatewayRooms.close();
      await Promise.all(providerList.map((provider) => provider.close?.()));
      await Promise.all([http.close(), log.close(), toolCounts.close(), keys.close()]);
      books.close();
      folder.release();
    },
    loadAdmin,
    status,
    keys,
    settings,
    logger,
    openAdminLink: () => (guiFolder === undefined ? undefined : opened.view().baseUrl + createLinkPath()),
  };
}
