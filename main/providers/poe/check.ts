// What a person sees when an account is tried: the list of bots, then the balance, which is the first thing that needs the
// key. Spends nothing.
import type { Quota } from '../../../shared/quota.ts';
import type { CheckStep } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { CallContext } from '../context.ts';
import { readPoeAccount } from './account.ts';
import { type PoeBots, recogniseBot } from './models.ts';

/** What an account is tried with. */
export interface CheckServices {
  readonly bots: PoeBots;
  readBalance(context: CallContext): Promise<Quota>;
}

const KEY_PAGE = 'https://poe.com/api/keys';

/** Tries an account step by step. Never throws. */
export async function* checkAccount(
  { bots, readBalance }: CheckServices,
  context: CallContext,
): AsyncGenerator<CheckStep> {
  try {
    readPoeAccount(context.credential);
  } catch (thrown) {
    yield { id: 'settings', label: 'A setting is wrong', state: 'failed', detail: readError(thrown).message };
    return;
  }
  yield { id: 'key', label: 'Ask for the balance', state: 'running' };
  yield await checkKey(readBalance, context);
  yield { id: 'models', label: 'Ask for the list of bots', state: 'running' };
  yield await checkBots(bots, context);
}

async function checkKey(readBalance: CheckServices['readBalance'], context: CallContext): Promise<CheckStep> {
  const id = 'key';
  try {
    const { balances = [] } = await readBalance(context);
    const left = balances[0]?.left ?? 0;
    const detail = `${left} points left.`;
    if (left > 0) return { id, label: 'Key accepted', state: 'ok', detail };
    return {
      id,
      label: 'Key accepted, but no points are left',
      state: 'warning',
      detail,
      link: 'https://poe.com/settings',
    };
  } catch (thrown) {
    const { kind, message } = readError(thrown);
    if (kind === 'unauthorized' || kind === 'forbidden')
      return { id, label: 'The key was refused', state: 'failed', detail: message, link: KEY_PAGE };
    return { id, label: 'The balance could not be asked for', state: 'failed', detail: message };
  }
}

async function checkBots(bots: PoeBots, context: CallContext): Promise<CheckStep> {
  const id = 'models';
  try {
    const models = await bots.list(context);
    const { fallback } = readPoeAccount(context.credential);
    if (fallback !== undefined && recogniseBot(fallback, models) === undefined) {
      const detail = `Poe’s list does not have "${fallback}". It may be there all the same.`;
      return { id, label: `${models.length} bots, but not the one for unknown names`, state: 'warning', detail };
    }
    const [first] = models;
    if (first === undefined) return { id, label: 'The list of bots is empty', state: 'warning' };
    return { id, label: `${models.length} bots`, state: 'ok', detail: `The first is ${first.name ?? first.id}.` };
  } catch (thrown) {
    const detail = `${readError(thrown).message} Bots can be asked for by name all the same.`;
    return { id, label: 'The list of bots could not be had', state: 'warning', detail };
  }
}
