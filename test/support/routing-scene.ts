// A router over real rooms without a door: accounts whose providers offer what a test says.

import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import { GatewayError, readError } from '../../main/canonical/errors.ts';
import type { ModelInfo } from '../../main/canonical/models.ts';
import { createAccountBook } from '../../main/credentials/account-book.ts';
import { createGateway } from '../../main/gateway/gateway.ts';
import { createModelCatalog } from '../../main/gateway/model-catalog.ts';
import { createPool } from '../../main/gateway/pool.ts';
import type { Needs, RoutePlan } from '../../main/gateway/route-plan.ts';
import { createRouteTester } from '../../main/gateway/route-tester.ts';
import { type AllowsModel, createRouter } from '../../main/gateway/router.ts';
import type { Provider } from '../../main/providers/provider.ts';
import type { RequestRecord } from '../../main/request-log/request-log.ts';
import { type PathStep, Routing } from '../../shared/routing.ts';
import { createMemoryVault } from './memory-vault.ts';
import { createScriptedProvider } from './scripted-provider.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** An account and what it offers; a text is a model of which nothing is told. No models at all: it cannot be asked. */
export interface SceneAccount {
  readonly id: string;
  readonly provider?: string;
  readonly models?: readonly (string | ModelInfo)[];
}

/** What a test says of its rooms. */
export interface RoutingSceneOptions {
  readonly accounts: readonly SceneAccount[];
  readonly routing?: unknown;
  readonly allows?: AllowsModel;
  readonly explain?: (name: string) => string | undefined;
  /** How every account fails; it says its name unless given. */
  readonly failure?: GatewayError;
  /** What providers know besides, by id. */
  readonly providers?: Readonly<Record<string, Partial<Provider>>>;
}

/** Opens the rooms; their upstreams have not been asked yet. */
export function openRoutingScene(options: RoutingSceneOptions) {
  const { accounts, routing, allows, explain, failure, providers = {} } = options;
  const calls: string[] = [];
  const listed = new Map(accounts.map(({ id, models }) => [id, models]));
  const create = (id: string): Provider => ({
    ...createScriptedProvider({
      id,
      listModels: async ({ credential }) => {
        const models = listed.get(credential.account.id);
        if (models === undefined) throw new GatewayError('unauthorized', 'Key refused');
        return models.map((model) => (typeof model === 'string' ? { id: model } : model));
      },
      converse: async function* (model, { credential: { account } }) {
        calls.push(`${account.id}:${model}`);
        if (failure !== undefined) throw failure;
        yield [{ type: 'reply-start' }, { type: 'reply-end', finishReason: { kind: 'stop' } }];
      },
    }),
    ...providers[id],
  });
  const ids = new Set(accounts.map(({ provider = 'scripted' }) => provider));
  const providerMap = new Map([...ids].map((id) => [id, create(id)]));
  const book = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: accounts.map(({ id, provider = 'scripted' }) => ({
      account: {
        id,
        provider,
        name: id.toUpperCase(),
        method: 'none',
        values: {},
        env: {},
        endpoints: {},
        models: [],
        source: 'file' as const,
      },
      secrets: {},
      secretEnv: [],
    })),
    learnSecret: () => {},
  });
  const redact = (text: string) => text;
  const catalog = createModelCatalog({ accounts: book, providers: providerMap, redact, now: Date.now, patienceMs: 50 });
  let rules = Routing.parse(routing ?? {});
  const readRules = () => rules;
  const services = { accounts: book, catalog, explain: explain ?? (() => undefined), routing: readRules };
  const router = createRouter({ ...services, ...(allows === undefined ? {} : { allows }) });
  const clock = createVirtualClock();
  const pool = createPool({ clock, rules: readRules });
  const limits = () => rules.attempts;
  const gateway = createGateway({ accounts: book, providers: providerMap, router, pool, limits, redact, clock });
  return {
    accounts: book,
    catalog,
    router,
    pool,
    routing: readRules,
    tester: createRouteTester({ router, pool, routing: readRules, now: clock.now }),
    /** Keeps other rules from now on. */
    keep: (next: Routing) => {
      rules = next;
    },
    /** Asks the gateway: who was called, what the log was told, and the failure's words. */
    ask: async (model: string, clientKey: string | undefined, request: Partial<ConversationRequest> = {}) => {
      calls.length = 0;
      let path: readonly PathStep[] = [];
      const record: RequestRecord = {
        id: 'r',
        update: (progress) => {
          path = progress.path ?? path;
        },
        note: () => {},
        close: () => {},
      };
      const { signal } = new AbortController();
      const key = clientKey === undefined ? {} : { clientKey };
      const context = { requestId: 'r', signal, record, startedAt: 0, live: true, ...key };
      let error: GatewayError | undefined;
      try {
        for await (const batch of gateway.converse({ messages: [], ...request, model }, context)) void batch;
      } catch (thrown) {
        error = readError(thrown);
      }
      return { calls: [...calls], path, error };
    },
    /** The plan in short, or the refusal's words. */
    plan: async (model: string, extra: { key?: string; needs?: Needs; isPlain?: boolean } = {}) => {
      try {
        return writePlan(await router.plan({ model, ...extra }));
      } catch (thrown) {
        if (thrown instanceof GatewayError) return `${thrown.kind}: ${thrown.message}`;
        throw thrown;
      }
    },
  };
}

/** Stages as `NAME = ACCOUNT:MODEL ...`, with the sentences that lead to each before it; those of skipped ones in brackets. */
export function writePlan({ stages, steps, stepsAfter = [], reasoning }: RoutePlan): readonly string[] {
  const tell = (all: RoutePlan['steps']) => all.map(({ kind, text }) => (kind === 'skipped' ? `(${text})` : text));
  return [
    ...tell(steps),
    ...(reasoning === undefined ? [] : [`reasoning ${JSON.stringify(reasoning)}`]),
    ...stages.flatMap(({ name, members, steps: own = [] }) => [
      ...tell(own),
      `${name} = ${members.map(({ account, model }) => `${account.id}:${model}`).join(' ')}`,
    ]),
    ...tell(stepsAfter),
  ];
}
