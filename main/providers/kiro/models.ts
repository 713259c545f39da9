// Which models an account has: asked of the upstream, kept for an hour, and where it cannot be asked, the last list or the
// known one. A name that is in no list is passed on: the upstream knows best what it has.

import type { JsonObject } from '../../canonical/conversation.ts';
import { readError } from '../../canonical/errors.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import type { Logger } from '../../util/logger.ts';
import { waitAtMost } from '../../util/wait-at-most.ts';
import type { CallContext } from '../context.ts';
import { untilAborted } from './clock.ts';
import type { AskControl, ControlOperation } from './control-calls.ts';
import { readText } from './formats.ts';
import { normaliseModelName, splitEffort } from './model-names.ts';
import { ALIASES, HIDDEN_FROM_LIST, HIDDEN_MODELS, KNOWN_MODELS } from './model-table.ts';
import { hash } from './tokens.ts';

/** A model as Kiro describes it. */
export interface KiroModel {
  readonly id: string;
  readonly name?: string;
  readonly maker?: string;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly images?: boolean;
  /** JSON Schema of the fields that only this model takes, such as how much it is to think. */
  readonly fieldsSchema?: JsonObject;
  readonly caches?: boolean;
}

/** A list with where it comes from: asked just now, kept from before, or the one that is built in. */
export interface KiroModelList {
  readonly models: readonly KiroModel[];
  readonly source: 'live' | 'kept' | 'built-in';
}

/** What a client's name of a model means. */
export interface ResolvedModel {
  /** What goes on the wire. */
  readonly id: string;
  /** What is known of it. */
  readonly model?: KiroModel;
  /** The effort that was written at the end of the name. */
  readonly effort?: string;
}

/** The models of all accounts. */
export interface KiroModels {
  /**
   * Throws `GatewayError` where the login itself does not hold; a list that cannot be had is replaced, for a minute without
   * another try unless it is `urgent`.
   */
  list(context: CallContext, urgent?: boolean): Promise<KiroModelList>;
  /** Waits a moment for a first list, never longer. Never throws. */
  resolve(name: string, context: CallContext): Promise<ResolvedModel>;
}

/** What the models are known by. */
export interface KiroModelServices {
  readonly ask: AskControl;
  readonly logger: Logger;
  readonly now: () => number;
  /** How long a request waits for a first list, in milliseconds. */
  readonly patienceMs?: number;
}

interface Shelf {
  models: readonly KiroModel[] | undefined;
  /** When the list came. */
  at: number;
  failedAt: number | undefined;
  /** When the login was refused last. */
  refusedAt: number | undefined;
  pending: Promise<KiroModelList> | undefined;
}

const OPERATION: ControlOperation = {
  name: 'ListAvailableModels',
  path: '/List-Available-Models',
  legacyPath: '/ListAvailableModels',
  ask: { ide: { maxResults: '50' }, cli: {} },
};
const FRESH_MS = 60 * 60_000;
const KEPT_MS = 24 * 60 * 60_000;
const REST_MS = 60_000;
const PATIENCE_MS = 4_000;
/** No list has as many; an upstream that gives the same page again would. */
const MOST_PAGES = 20;

/** The lists, empty at first. */
export function createKiroModels({ ask, logger, now, patienceMs = PATIENCE_MS }: KiroModelServices): KiroModels {
  const shelves = new Map<string, Shelf>();

  const openShelf = ({ credential: { account, secrets } }: CallContext): Shelf => {
    // An account that was changed may be another person's: lists hang on profile, plan and region.
    const { id, method, values, endpoints } = account;
    const key = JSON.stringify([id, method, values, endpoints, hash(...Object.values(secrets))]);
    const known = shelves.get(key);
    if (known !== undefined) return known;
    for (const old of shelves.keys()) if ((JSON.parse(old) as string[])[0] === id) shelves.delete(old);
    const shelf: Shelf = { models: undefined, at: 0, failedAt: undefined, refusedAt: undefined, pending: undefined };
    shelves.set(key, shelf);
    return shelf;
  };
  const fallBack = (shelf: Shelf): KiroModelList => {
    const { models, at } = shelf;
    if (models !== undefined && now() - at <= KEPT_MS) return { models, source: 'kept' };
    return { models: KNOWN_MODELS, source: 'built-in' };
  };
  const load = async (shelf: Shelf, context: CallContext): Promise<KiroModelList> => {
    try {
      shelf.models = await askAll(ask, context);
      shelf.at = now();
      shelf.failedAt = undefined;
      shelf.refusedAt = undefined;
      return { models: shelf.models, source: 'live' };
    } catch (thrown) {
      const error = readError(thrown);
      // A login that does not hold is news; so is an account that was closed.
      if (error.kind === 'unauthorized') shelf.refusedAt = now();
      if (error.kind === 'aborted' || error.kind === 'unauthorized') throw error;
      shelf.failedAt = now();
      const list = fallBack(shelf);
      const what = list.source === 'kept' ? 'the last list is kept' : 'the built-in list of models is used';
      logger.warn(`Kiro: the models of ${context.credential.account.name} cannot be listed; ${what}.`, {
        reason: error.message,
      });
      return list;
    } finally {
      shelf.pending = undefined;
    }
  };
  const list = async (context: CallContext, urgent = false): Promise<KiroModelList> => {
    const shelf = openShelf(context);
    if (shelf.models !== undefined && now() - shelf.at <= FRESH_MS) return { models: shelf.models, source: 'live' };
    const rests = shelf.failedAt !== undefined && now() - shelf.failedAt <= REST_MS;
    if (rests && !urgent) return fallBack(shelf);
    // A client that leaves must not take the list away from others that wait for it.
    shelf.pending ??= load(shelf, { ...context, signal: AbortSignal.timeout(2 * 60_000) });
    return await untilAborted(shelf.pending, context.signal);
  };

  return {
    list,
    resolve: async (name, context) => {
      const shelf = openShelf(context);
      // A person who asks gets a new answer; requests for replies do not ask again and again.
      const { refusedAt } = shelf;
      const rests = refusedAt !== undefined && now() - refusedAt <= REST_MS;
      if (rests) return resolveModel(name, shelf.models ?? KNOWN_MODELS);
      const asked = list(context).catch(() => undefined);
      if (shelf.models === undefined) await waitAtMost(patienceMs, asked);
      return resolveModel(name, shelf.models ?? KNOWN_MODELS);
    },
  };
}

/** Alias, Kiro's spelling, listed, hidden, else passed on. */
export function resolveModel(asked: string, models: readonly KiroModel[]): ResolvedModel {
  const name = ALIASES[asked.toLowerCase()] ?? asked;
  const known = [...models, ...HIDDEN_MODELS];
  const find = (id: string) => known.find((model) => model.id.toLowerCase() === id.toLowerCase());
  const listed = find(name);
  if (listed !== undefined) return { id: listed.id, model: listed };
  const normal = normaliseModelName(name);
  const id = ALIASES[normal.name.toLowerCase()] ?? normal.name;
  const model = find(id);
  if (model !== undefined) return withEffort({ id: model.id, model }, normal.effort);
  const split = splitEffort(id);
  const shorter = split.effort === undefined ? undefined : find(split.name);
  return shorter === undefined
    ? withEffort({ id }, normal.effort)
    : withEffort({ id: shorter.id, model: shorter }, split.effort);
}

const withEffort = (resolved: ResolvedModel, effort: string | undefined): ResolvedModel =>
  effort === undefined ? resolved : { ...resolved, effort };

/** The one of `listed` that another spelling of its name means, an effort or a date at its end left aside. */
export function recogniseModel(name: string, listed: readonly ModelInfo[]): string | undefined {
  const models = listed.map(({ id }) => ({ id }));
  // What is served without being listed is asked for by its prefix only: "auto" may well be another account's.
  const { id, model } = resolveModel(name, models);
  return model === undefined || !models.some((one) => one.id === id) ? undefined : id;
}

/** The list as the house knows it: what is hidden left out, other names added. */
export function describeModels(models: readonly KiroModel[]): readonly ModelInfo[] {
  const listed = models.filter(({ id }) => !HIDDEN_FROM_LIST.has(id)).map((model) => describeModel(model));
  const aliases = Object.entries(ALIASES).flatMap(([alias, id]) => {
    const model = models.find((one) => one.id === id);
    return model === undefined ? [] : [{ ...describeModel(model), id: alias }];
  });
  return [...listed, ...aliases];
}

function describeModel({
  id,
  name,
  maker,
  contextTokens,
  maxOutputTokens,
  images,
  fieldsSchema,
}: KiroModel): ModelInfo {
  const fields = Object.keys((fieldsSchema?.properties ?? {}) as object);
  const reasons = fields.some((field) => /^(thinking|reasoning|output_config)$/.test(field));
  const abilities = { tools: true, images, reasoning: reasons || undefined };
  return { id, name, owner: maker, contextTokens, maxOutputTokens, abilities };
}

async function askAll(ask: AskControl, context: CallContext): Promise<readonly KiroModel[]> {
  const models = new Map<string, KiroModel>();
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask(OPERATION, context, next === undefined ? {} : { nextToken: next });
    for (const model of readModels(answer)) if (!models.has(model.id)) models.set(model.id, model);
    const following = readText(answer, 'nextToken');
    if (following === undefined || following === next) break;
    next = following;
  }
  return [...models.values()];
}

function readModels({ models }: Readonly<Record<string, unknown>>): KiroModel[] {
  if (!Array.isArray(models)) return [];
  return models.flatMap((entry: unknown) => {
    const model = isObject(entry) ? entry : {};
    const id = readText(model, 'modelId', 'id');
    return id === undefined ? [] : [readModel(id, model)];
  });
}

function readModel(id: string, model: Readonly<Record<string, unknown>>): KiroModel {
  const known = KNOWN_MODELS.find((one) => one.id === id);
  const limits = isObject(model.tokenLimits) ? model.tokenLimits : {};
  const inputs = Array.isArray(model.supportedInputTypes) ? model.supportedInputTypes : undefined;
  const caching = isObject(model.promptCaching) ? model.promptCaching : {};
  const schema = model.additionalModelRequestFieldsSchema;
  return {
    id,
    name: readText(model, 'modelName') ?? known?.name,
    maker: readText(model, 'modelProvider'),
    contextTokens: readCount(limits.maxInputTokens) ?? known?.contextTokens,
    maxOutputTokens: readCount(limits.maxOutputTokens),
    images: inputs === undefined ? known?.images : inputs.includes('IMAGE'),
    ...(isObject(schema) ? { fieldsSchema: schema as JsonObject } : {}),
    caches: readTruth(caching.supportsPromptCaching) ?? readTruth(model.supportsPromptCache),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const readCount = (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
const readTruth = (value: unknown) => (typeof value === 'boolean' ? value : undefined);
