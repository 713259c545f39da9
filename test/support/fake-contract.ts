// The contract in memory, with data like a real person's: what the GUI's tests and screenshots talk to instead of an engine.

import { ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { PROXY_FIELD } from '../../main/credentials/account-fields.ts';
import type { ListedAccountView } from '../../shared/account-lists.ts';
import type { Change, Contract } from '../../shared/contract.ts';
import { splitProxy } from '../../shared/proxy.ts';
import type { QuotaView } from '../../shared/quota.ts';
import type { RequestQuery, RequestView, TrafficView } from '../../shared/requests.ts';
import type { RouteQuestion } from '../../shared/routing.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../shared/settings.ts';
import type {
  AccountView,
  CheckStep,
  ClientKeyView,
  FoundLoginView,
  KeyRules,
  ModelView,
  ProviderView,
  StatusView,
  TryStep,
} from '../../shared/views.ts';
import { createAccountActions } from './fake-account-actions.ts';
import { ACCOUNTS, KEYS, MODELS, PROVIDERS, SECOND_DOOR, STATUS, TRAFFIC } from './fake-data.ts';
import { createFakeProjects, type FakeProjectState, makeSessions, PROJECTS } from './fake-projects.ts';
import { makeRequests } from './fake-requests.ts';
import { testFakeRoute } from './fake-routing.ts';
import { AT_WORK, CODE_ASKED, createFakeSignIn, type FakeSignInStep, SIGNED_IN } from './fake-sign-in.ts';
import { answerLater, createListener, type Listener } from './fake-wire.ts';
import { IDLE } from './no-pool.ts';

/** Everything that a fake engine knows; a test changes what it is about. */
export interface FakeState extends FakeProjectState {
  status: StatusView;
  traffic: TrafficView;
  settings: Settings;
  keys: ClientKeyView[];
  providers: ProviderView[];
  accounts: AccountView[];
  models: ModelView[];
  failures: { account: string; text: string }[];
  requests: RequestView[];
  /** What is read of an account's plan when it is asked for, by account; others stay as they are. */
  quotas: Record<string, QuotaView>;
  /** What a check or a survey tells, per account or provider id; others tell one good step. */
  checks: Record<string, CheckStep[]>;
  surveys: Record<string, CheckStep[]>;
  /** What a try tells, per account id. */
  tries: Record<string, TryStep[]>;
  /** Logins on this machine, per provider id. */
  found: Record<string, FoundLoginView[]>;
  /** What the lines of any list hold. */
  listed: ListedAccountView[];
  /** What a sign-in shows, in every dialogue. */
  signIn: FakeSignInStep[];
  /** The text that the clipboard got, where the host has one. */
  copied: string[];
}

/** A fake engine. */
export interface FakeContract {
  readonly client: ContractRouterClient<Contract>;
  readonly state: FakeState;
  /** Tells every listener, and keeps rows of requests. */
  tell(change: Change): void;
  /** Cuts every subscription, as a dying engine does. */
  cut(): void;
  /** Names of the calls that came in, with their input. */
  readonly calls: { readonly name: string; readonly input: unknown }[];
}

/** Makes one; `change` replaces parts of its state. Steps of checks come `stepPauseMs` apart. */
export function createFakeContract(change: Partial<FakeState> = {}, { stepPauseMs = 0 } = {}): FakeContract {
  const state: FakeState = {
    status: STATUS,
    traffic: TRAFFIC,
    settings: DEFAULT_SETTINGS,
    keys: KEYS,
    providers: PROVIDERS,
    accounts: ACCOUNTS,
    models: MODELS,
    failures: [],
    requests: makeRequests(40),
    projects: PROJECTS,
    sessions: makeSessions(20),
    questions: [],
    folder: undefined,
    quotas: {},
    checks: {},
    surveys: {},
    tries: {},
    found: {},
    listed: [],
    signIn: [CODE_ASKED, AT_WORK, SIGNED_IN],
    copied: [],
    ...change,
  };
  const calls: { name: string; input: unknown }[] = [];
  const listeners = new Set<Listener>();
  const tell = (told: Change) => {
    if (told.type === 'questions') state.questions = told.questions;
    if (told.type === 'requests') state.requests = mergeRequests(state.requests, told.requests);
    for (const listener of listeners) listener.push(told);
  };
  const note = (name: string, input: unknown) => calls.push({ name, input });
  const parts = { state, note, tell, stepPauseMs };
  const client = {
    changes: async function* (_: unknown, options?: { signal?: AbortSignal }) {
      const listener = createListener(options?.signal);
      listeners.add(listener);
      listener.push({ type: 'status', status: state.status });
      listener.push({ type: 'accounts', accounts: state.accounts });
      listener.push({ type: 'keys', keys: state.keys });
      listener.push({ type: 'settings', settings: state.settings });
      listener.push({ type: 'projects', projects: state.projects });
      listener.push({ type: 'questions', questions: state.questions });
      try {
        yield* listener.read();
      } finally {
        listeners.delete(listener);
      }
    },
    status: {
      read: () => state.status,
      traffic: () => state.traffic,
      link: () => ({}),
    },
    door: createDoor(parts),
    keys: createKeys(parts),
    accounts: createAccounts(parts),
    models: {
      list: (input: { refresh: boolean }) => {
        note('models.list', input);
        return { models: state.models, failures: state.failures };
      },
    },
    routing: {
      test: (input: RouteQuestion) => {
        note('routing.test', input);
        return testFakeRoute(state, input);
      },
    },
    requests: createRequests(parts),
    ...createFakeProjects(parts),
    settings: createSettings(parts),
  };
  return {
    client: answerLater(client) as ContractRouterClient<Contract>,
    state,
    tell,
    cut: () => {
      for (const listener of listeners) listener.end();
    },
    calls,
  };
}

interface Parts {
  readonly state: FakeState;
  readonly note: (name: string, input: unknown) => void;
  readonly tell: (change: Change) => void;
  readonly stepPauseMs: number;
}

function createDoor({ state, note, tell }: Parts) {
  const become = (door: Partial<StatusView['door']>) => {
    state.status = { ...state.status, door: { ...state.status.door, ...door } };
    tell({ type: 'status', status: state.status });
    return state.status;
  };
  return {
    start: () => {
      note('door.start', undefined);
      return become({ state: 'serving' });
    },
    stop: () => {
      note('door.stop', undefined);
      return become({ state: 'stopped' });
    },
  };
}

function createKeys({ state, note, tell }: Parts) {
  const keep = (keys: ClientKeyView[]) => {
    state.keys = keys;
    tell({ type: 'keys', keys });
  };
  const refuseTaken = (name: string | undefined, id?: string) => {
    if (state.keys.some((key) => key.id !== id && key.name === name))
      throw new ORPCError('CONFLICT', { message: `There is a client key "${name}" already.` });
  };
  return {
    list: () => state.keys,
    add: (input: { name: string; rules: KeyRules }) => {
      note('keys.add', input);
      refuseTaken(input.name);
      const id = input.name.toLowerCase().replaceAll(' ', '-');
      const usage = { requests: 0, tokensToday: 0 };
      const key: ClientKeyView = { id, ...input, lastFour: 'n3w1', source: 'settings', createdAt: Date.now(), usage };
      keep([...state.keys, key]);
      return key;
    },
    change: (input: { id: string; name?: string; rules?: KeyRules }) => {
      note('keys.change', input);
      refuseTaken(input.name, input.id);
      const key = state.keys.find(({ id }) => id === input.id);
      if (key === undefined) throw new ORPCError('NOT_FOUND', { message: 'There is no such key.' });
      const changed = { ...key, name: input.name ?? key.name, rules: input.rules ?? key.rules };
      keep(state.keys.map((one) => (one.id === input.id ? changed : one)));
      return changed;
    },
    revoke: (input: { id: string }) => {
      note('keys.revoke', input);
      keep(state.keys.filter(({ id }) => id !== input.id));
      return {};
    },
    renew: (input: { id: string }) => {
      note('keys.renew', input);
      const key = state.keys.find(({ id }) => id === input.id);
      if (key === undefined) throw new ORPCError('NOT_FOUND', { message: 'There is no such key.' });
      const renewed = { ...key, lastFour: 'n3w0' };
      keep(state.keys.map((one) => (one.id === input.id ? renewed : one)));
      return renewed;
    },
    copy: (input: { id: string; text: string }) => {
      note('keys.copy', input);
      state.copied.push(input.text.replaceAll('{{key}}', 'pb-secret-3f9c'));
      return {};
    },
  };
}

interface DraftLike {
  readonly provider: string;
  readonly method: string;
  readonly name: string;
  readonly values: Record<string, string>;
  readonly secrets: Record<string, string>;
  readonly models?: string[];
}

function createAccounts({ state, note, tell, stepPauseMs }: Parts) {
  const keep = (accounts: AccountView[]) => {
    state.accounts = accounts;
    tell({ type: 'accounts', accounts });
  };
  const steps = async function* (list: readonly TryStep[]) {
    for (const step of list) {
      yield { ...step, state: 'running' as const };
      if (stepPauseMs > 0) await new Promise((resolve) => setTimeout(resolve, stepPauseMs));
      yield step;
    }
  };
  const add = (draft: DraftLike): AccountView => {
    const account: AccountView = {
      id: draft.name.toLowerCase().replaceAll(' ', '-'),
      provider: draft.provider,
      providerName: state.providers.find(({ id }) => id === draft.provider)?.name ?? draft.provider,
      name: draft.name,
      method: draft.method,
      values: draft.values,
      env: {},
      endpoints: {},
      ...IDLE,
      models: draft.models ?? [],
      secrets: Object.entries(draft.secrets).map(([name, secret]) => ({ name, lastFour: secret.slice(-4) })),
      source: 'settings',
      state: 'untested',
    };
    keep([...state.accounts, account]);
    return account;
  };
  const find = (id: string): AccountView => {
    const account = state.accounts.find((one) => one.id === id);
    if (account === undefined) throw new ORPCError('NOT_FOUND', { message: 'There is no such account.' });
    return account;
  };
  const put = (account: AccountView) => {
    keep(state.accounts.map((one) => (one.id === account.id ? account : one)));
    return account;
  };
  return {
    list: () => state.accounts,
    ...createAccountActions({ note, find, put }),
    ...createFakeSignIn({
      note,
      script: () => state.signIn,
      store: (start) => ('draft' in start ? add(start.draft) : find(start.account)),
    }),
    signOut: (input: { id: string; shared: boolean }) => {
      note('accounts.signOut', input);
      return { text: 'Successfully logged out from your Anthropic account.' };
    },
    // The house adds it to every provider's own fields.
    providers: () => state.providers.map((one) => ({ ...one, fields: [...one.fields, PROXY_FIELD] })),
    survey: async function* (input: { provider: string }) {
      yield* steps(state.surveys[input.provider] ?? []);
    },
    found: (input: { provider: string }) => state.found[input.provider] ?? [],
    readList: (input: { text: string }) => {
      note('accounts.readList', input);
      return state.listed;
    },
    addList: (input: { provider: string; lines: number[] }) => {
      note('accounts.addList', input);
      const chosen = state.listed.filter(({ line }) => input.lines.includes(line));
      const good = chosen.filter(({ title }) => title !== 'Refused');
      const values = {};
      return {
        added: good.map(({ title }) =>
          add({ provider: input.provider, method: 'key', name: title, values, secrets: {} }),
        ),
        failures: chosen.filter((one) => !good.includes(one)).map(({ line }) => ({ line, text: 'It was refused.' })),
      };
    },
    writeList: (input: { folder: string }) => {
      note('accounts.writeList', input);
      return { files: [`${input.folder}/accounts.txt`] };
    },
    add: (draft: DraftLike) => {
      note('accounts.add', draft);
      if (draft.name === 'Refused')
        throw new ORPCError('BAD_REQUEST', { message: 'An account of that name exists already.' });
      return add(draft);
    },
    change: ({ id, ...part }: { id: string } & Partial<DraftLike>) => {
      note('accounts.change', { id, ...part });
      const account = find(id);
      const changed = { ...account, name: part.name ?? account.name, values: part.values ?? account.values };
      keep(state.accounts.map((one) => (one.id === id ? changed : one)));
      return changed;
    },
    readQuota: (input: { id: string }) => {
      note('accounts.readQuota', input);
      const account = find(input.id);
      const read = { ...account, quota: state.quotas[input.id] ?? account.quota };
      keep(state.accounts.map((one) => (one.id === input.id ? read : one)));
      return read;
    },
    remove: (input: { id: string }) => {
      note('accounts.remove', input);
      keep(state.accounts.filter((one) => one.id !== input.id));
      return {};
    },
    try: async function* (input: { id: string; model?: string }) {
      note('accounts.try', input);
      yield* steps(state.tries[input.id] ?? []);
    },
    check: async function* (input: { id: string }) {
      note('accounts.check', input);
      yield* steps(state.checks[input.id] ?? [{ id: 'answer', label: 'Answers', state: 'ok' }]);
    },
  };
}

function createRequests({ state, note, tell }: Parts) {
  return {
    list: (query: RequestQuery) => {
      note('requests.list', query);
      const fitting = state.requests.filter((row) => fits(row, query));
      const { before } = query;
      const start =
        before === undefined
          ? 0
          : fitting.findIndex((row) => row.at < before.at || (row.at === before.at && row.id < before.id));
      const requests = start === -1 ? [] : fitting.slice(start, start + query.limit);
      return { requests, total: fitting.length };
    },
    clear: () => {
      note('requests.clear', undefined);
      state.requests = state.requests.filter((row) => row.state === 'running');
      tell({ type: 'requests', requests: [] });
      return {};
    },
  };
}

function createSettings({ state, note, tell }: Parts) {
  return {
    read: () => state.settings,
    change: (change: Partial<Settings>) => {
      note('settings.change', change);
      const proxy = change.proxy === undefined ? {} : { proxy: splitProxy(change.proxy)?.address ?? '' };
      state.settings = { ...state.settings, ...change, ...proxy };
      if (change.port !== undefined) {
        const door = {
          ...state.status.door,
          state: 'serving' as const,
          port: change.port,
          baseUrl: `http://127.0.0.1:${change.port}`,
        };
        state.status = { ...state.status, door };
        tell({ type: 'status', status: state.status });
      }
      if (change.ollamaDoor !== undefined || change.ollamaPort !== undefined) {
        const { ollamaDoor, ollamaPort } = state.settings;
        const second = { ...SECOND_DOOR, port: ollamaPort, baseUrl: `http://127.0.0.1:${ollamaPort}` };
        state.status = { ...state.status, ollamaDoor: ollamaDoor ? second : undefined };
        tell({ type: 'status', status: state.status });
      }
      tell({ type: 'settings', settings: state.settings });
      return state.settings;
    },
  };
}

function fits(row: RequestView, { state, account, key, search }: RequestQuery): boolean {
  if (state !== undefined && row.state !== state) return false;
  if (account !== undefined && row.account !== account) return false;
  if (key !== undefined && row.key !== key) return false;
  const words = [row.client, row.key, row.modelAsked, row.modelUsed, row.account, row.errorText]
    .join('\n')
    .toLowerCase();
  return search === undefined || words.includes(search.toLowerCase());
}

function mergeRequests(rows: readonly RequestView[], changed: readonly RequestView[]): RequestView[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of changed) byId.set(row.id, row);
  return [...byId.values()].sort((one, other) => other.at - one.at || (other.id > one.id ? 1 : -1));
}
