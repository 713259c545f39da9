// The models of an account, as its upstream lists them, each with its twin without thinking.
import { GatewayError } from '../../canonical/errors.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import type { Logger } from '../../util/logger.ts';
import type { CallContext } from '../context.ts';
import { type OpenCall, readAccepted } from './calls.ts';
import { ID } from './hosts.ts';
import { KNOWN_MODEL, listTwins, recogniseModel } from './model-names.ts';
import { findUpstream } from './upstreams.ts';

/** What the list is read with. */
export interface ModelServices {
  readonly open: OpenCall;
  readonly logger: Logger;
}

/** The models of all accounts. */
export interface K2Models {
  /** Those that can be asked for. Throws `GatewayError`. */
  list(context: CallContext): Promise<readonly ModelInfo[]>;
  /** The listed model that `name` means, without a call; the name itself where it means none. */
  find(account: string, name: string): string;
}

const TIMEOUT_MS = 20_000;
// Tools work by words, for every model.
const ABILITIES = { tools: true, reasoning: true } as const;

/** No list read yet. */
export function createModels({ open, logger }: ModelServices): K2Models {
  const known = listTwins([{ id: KNOWN_MODEL, owner: 'MBZUAI', abilities: ABILITIES }]);
  const lists = new Map<string, readonly ModelInfo[]>();
  const list = async (context: CallContext) => {
    const { account } = context.credential;
    const upstream = findUpstream(account);
    if (upstream.modelsUrl === undefined) return known;
    const limits = { firstByteMs: TIMEOUT_MS, idleMs: TIMEOUT_MS };
    const call = { method: 'GET', url: upstream.modelsUrl(account), accept: 'application/json', limits } as const;
    const models = readModels(await readAccepted(await open(upstream, call, context)));
    if (models.length > 0) return listTwins(models);
    logger.warn('K2-Think lists no model; the known one is offered', { account: account.id });
    return known;
  };
  return {
    list: async (context) => {
      const models = await list(context);
      lists.set(context.credential.account.id, models);
      return models;
    },
    find: (account, name) => {
      const models = lists.get(account) ?? known;
      return models.some(({ id }) => id === name) ? name : (recogniseModel(name, models) ?? name);
    },
  };
}

function readModels(text: string): ModelInfo[] {
  let body: { data?: unknown };
  try {
    body = JSON.parse(text) ?? {};
  } catch (cause) {
    throw new GatewayError('upstream', 'The list of models is not JSON.', { provider: ID, cause });
  }
  const list = Array.isArray(body) ? body : body.data;
  if (!Array.isArray(list))
    throw new GatewayError('upstream', 'The list of models has an unknown form.', { provider: ID });
  return list.flatMap((entry: { id?: unknown; name?: unknown; owned_by?: unknown; status?: unknown } | null) => {
    const { id, name, owned_by: owner, status } = entry ?? {};
    if (typeof id !== 'string' || id === '' || (typeof status === 'string' && status !== 'active')) return [];
    return [
      {
        id,
        ...(typeof name === 'string' && name !== '' && name !== id ? { name } : {}),
        ...(typeof owner === 'string' && owner !== '' ? { owner } : {}),
        abilities: ABILITIES,
      },
    ];
  });
}
