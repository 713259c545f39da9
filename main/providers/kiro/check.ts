// What a person sees when an account is tried: its login, its models, what is left of its plan. Spends nothing.
import type { Quota } from '../../../shared/quota.ts';
import type { CheckStep } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { CallContext } from '../provider.ts';
import type { KiroModels } from './models.ts';
import { readCallOptions } from './options.ts';

/** What an account is tried with. */
export interface CheckServices {
  /** The step about the login; false where the test ends with it. */
  checkLogin(context: CallContext): AsyncGenerator<CheckStep, boolean>;
  readonly models: KiroModels;
  readQuota(context: CallContext): Promise<Quota>;
}

const ACCOUNT_PAGE = 'https://app.kiro.dev/account/usage';

/** Tries an account step by step. Never throws. */
export async function* checkAccount(services: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  try {
    readCallOptions(context.credential.account);
  } catch (thrown) {
    yield { id: 'settings', label: 'A setting is wrong', state: 'failed', detail: readError(thrown).message };
    return;
  }
  if (!(yield* services.checkLogin(context))) return;
  yield* checkModels(services, context);
  yield* checkQuota(services, context);
}

async function* checkModels({ models }: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  const id = 'models';
  yield { id, label: 'Ask for the list of models', state: 'running' };
  try {
    const { models: list, source } = await models.list(context);
    const names = list.map((model) => model.id).join(', ');
    if (source === 'live') yield { id, label: `${list.length} models`, state: 'ok', detail: names };
    else {
      const which = source === 'kept' ? 'The last list is used' : 'The list that Patchbay knows is used';
      yield { id, label: 'Kiro did not tell its models', state: 'warning', detail: `${which}: ${names}` };
    }
  } catch (thrown) {
    yield { id, label: 'No list of models', state: 'failed', detail: readError(thrown).message };
  }
}

async function* checkQuota({ readQuota }: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  const id = 'quota';
  yield { id, label: 'Ask what is left of the plan', state: 'running' };
  try {
    const { meters, plan = 'The plan', user } = await readQuota(context);
    const who = user === undefined ? '' : ` of ${user}`;
    const [meter] = meters;
    if (meter === undefined) {
      const detail = `${plan}${who}: Kiro does not tell what is used of it.`;
      yield { id, label: 'Nothing is told of the plan', state: 'ok', detail };
      return;
    }
    const { used, limit, unit = 'units', goesOn } = meter;
    const detail = `${plan}${who}: ${used} of ${limit} ${unit} used.`;
    if (used < limit || goesOn)
      yield { id, label: `${round(Math.max(0, limit - used))} ${unit} left`, state: 'ok', detail };
    else yield { id, label: 'The plan is used up', state: 'warning', detail, link: ACCOUNT_PAGE };
  } catch (thrown) {
    yield { id, label: 'The plan could not be asked for', state: 'warning', detail: readError(thrown).message };
  }
}

const round = (amount: number) => Math.round(amount * 100) / 100;
