// The bots that there are, as Poe's public list tells them, and which one a name means: the person's own name first, then
// Poe's in any case, else the name itself, for there are more bots than the list has.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import type { HttpClient } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import { waitAtMost } from '../../util/wait-at-most.ts';
import type { CallContext } from '../context.ts';
import { describeTokenPrice, readPrice, writeAmount } from '../kit/token-price.ts';
import { ID, listMapping, type PoeAccount, readPoeAccount } from './account.ts';
import { parseJson, readFields, readNumber, readText } from './formats.ts';

/** A bot as the list describes it. */
export interface PoeBot {
  readonly info: ModelInfo;
  /** How the bot protocol spells it. */
  readonly name: string;
  /** Whether the list says that it takes tools; undefined where it says nothing of features. */
  readonly takesTools: boolean | undefined;
  /** Options that only this bot has, by name, with their JSON Schema. */
  readonly parameters: ReadonlyMap<string, JsonObject>;
}

/** Which bot a name means. */
export interface ResolvedBot {
  /** What goes on the wire. */
  readonly name: string;
  /** What is known of it. */
  readonly bot: PoeBot | undefined;
}

/** The bots of all accounts. */
export interface PoeBots {
  /** Asks anew. Throws `GatewayError`. */
  list(context: CallContext): Promise<readonly ModelInfo[]>;
  /** Waits a moment for a first list, never longer. Never throws but for a wrong setting. */
  resolve(name: string, context: CallContext): Promise<ResolvedBot>;
}

/** What the list is asked with. */
export interface BotServices {
  readonly http: HttpClient;
  readonly now: () => number;
}

interface Shelf {
  bots: readonly PoeBot[] | undefined;
  /** When it was last asked for, with or without success. */
  askedAt: number;
}

const TIMEOUT_MS = 20_000;
const FRESH_MS = 60 * 60_000;
const REST_MS = 60_000;
const PATIENCE_MS = 3_000;

/** The lists, empty at first. */
export function createPoeBots({ http, now }: BotServices): PoeBots {
  /** By host: the list is the same for everybody. */
  const shelves = new Map<string, Shelf>();

  const load = async ({ rest, key, proxy }: PoeAccount, signal: AbortSignal): Promise<readonly PoeBot[]> => {
    const shelf = shelves.get(rest) ?? { bots: undefined, askedAt: 0 };
    shelves.set(rest, shelf);
    shelf.askedAt = now();
    const response = await http.open({
      method: 'GET',
      url: `${rest}/v1/models`,
      headers: { accept: 'application/json', authorization: `Bearer ${key}` },
      signal,
      proxy,
      firstByteMs: TIMEOUT_MS,
      idleMs: TIMEOUT_MS,
    });
    const text = await response.text();
    if (response.status < 200 || response.status > 299) throw readErrorAnswer(response, text, ID);
    shelf.bots = readBots(text);
    return shelf.bots;
  };

  return {
    list: async (context) => {
      const account = readPoeAccount(context.credential);
      return describeBots(await load(account, context.signal), listMapping(context.credential.account));
    },
    resolve: async (name, context) => {
      const account = readPoeAccount(context.credential);
      const { bots, askedAt } = shelves.get(account.rest) ?? { bots: undefined, askedAt: 0 };
      if (now() - askedAt > (bots === undefined ? REST_MS : FRESH_MS)) {
        // The list serves all requests; a client that leaves must not take it away.
        const loading = load(account, AbortSignal.timeout(TIMEOUT_MS)).catch(() => {});
        if (bots === undefined) await waitAtMost(PATIENCE_MS, loading);
      }
      return resolveBot(account.mapping.get(name.toLowerCase()) ?? name, shelves.get(account.rest)?.bots ?? []);
    },
  };
}

/** The one of `bots` that `name` means in any case; a name that is not listed is passed on as it is. */
export function resolveBot(name: string, bots: readonly PoeBot[]): ResolvedBot {
  const wanted = name.toLowerCase();
  const bot =
    bots.find((one) => one.name === name) ??
    bots.find((one) => one.info.id.toLowerCase() === wanted || one.name.toLowerCase() === wanted);
  return { name: bot?.name ?? name, bot };
}

/** The one of `listed` that `name` means in another case, or by the name that Poe shows. */
export function recogniseBot(name: string, listed: readonly ModelInfo[]): string | undefined {
  const wanted = name.toLowerCase();
  return (
    listed.find(({ id }) => id.toLowerCase() === wanted) ?? listed.find((info) => info.name?.toLowerCase() === wanted)
  )?.id;
}

/** The list with the person's own names, which hide Poe's. */
function describeBots(bots: readonly PoeBot[], mapping: readonly (readonly [string, string])[]): readonly ModelInfo[] {
  const own = mapping.map(([id, target]): ModelInfo => {
    const { name, bot } = resolveBot(target, bots);
    return { ...bot?.info, id, name };
  });
  const taken = new Set(own.map(({ id }) => id.toLowerCase()));
  return [...own, ...bots.map(({ info }) => info).filter(({ id }) => !taken.has(id.toLowerCase()))];
}

function readBots(text: string): readonly PoeBot[] {
  const list = readFields(parseJson(text)).data;
  if (!Array.isArray(list))
    throw new GatewayError('upstream', 'Poe’s list of bots has an unknown form.', { provider: ID });
  return list.flatMap((entry: unknown) => {
    const model = readFields(entry);
    const id = readText(model.id);
    return id === undefined ? [] : [readBot(id, model)];
  });
}

function readBot(id: string, model: Readonly<Record<string, unknown>>): PoeBot {
  const name = readText(readFields(model.metadata).display_name);
  const window = readFields(model.context_window);
  const { input_modalities: inputs } = readFields(model.architecture);
  const features = Array.isArray(model.supported_features) ? model.supported_features : undefined;
  const takesTools = features?.includes('tools');
  const parameters = new Map(
    (Array.isArray(model.parameters) ? model.parameters : []).flatMap((entry: unknown) => {
      const { name: own, schema } = readFields(entry);
      return typeof own === 'string' ? [[own, readFields(schema) as JsonObject] as const] : [];
    }),
  );
  const reasons = model.reasoning !== null && typeof model.reasoning === 'object';
  const created = readNumber(model.created);
  return {
    name: name ?? id,
    takesTools,
    parameters,
    info: {
      id,
      name,
      owner: readText(model.owned_by),
      // Poe tells milliseconds where others tell seconds.
      createdAt: created && Math.floor(created > 1e11 ? created / 1000 : created),
      contextTokens: readNumber(window.context_length) ?? readNumber(model.context_length),
      maxOutputTokens: readNumber(window.max_output_tokens),
      price: describePrice(readFields(model.pricing)),
      abilities: {
        tools: takesTools,
        images: Array.isArray(inputs) ? inputs.includes('image') : undefined,
        reasoning: reasons || undefined,
      },
    },
  };
}

/** Prices are told in dollars for a token, those of a request in points. */
function describePrice(pricing: Readonly<Record<string, unknown>>): string | undefined {
  const points = readPrice(pricing.request);
  const parts = [describeTokenPrice(pricing), points ? `${writeAmount(points)} points per request` : undefined];
  return parts.filter(Boolean).join(', ') || undefined;
}
