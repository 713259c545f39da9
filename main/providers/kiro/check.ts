// What a person sees when an account is tried: its login, its models, what is left of its plan. Spends nothing.
import type { Quota } from '../../../shared/quota.ts';
import type { CheckStep } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { CallContext } from '../context.ts';
import type { KiroModels } from './models.ts';
import { readCallOptions } from './options.ts';
import { METHODS } from './sign-in.ts';

/** What an account is tried with. */
export interface CheckServices {
  /** The step about the login; false where the test ends with it. */
  checkLogin(context: CallContext): AsyncGenerator<CheckStep, boolean>;
  readonly models: KiroModels;
  readQuota(context: CallContext): Promise<Quota>;
}

const ADVICE = 'Copy it anew, or make another one on Kiro’s account page.';
const ACCOUNT_PAGE = 'https://app.kiro.dev/account/usage';

/** Tries an account step by step. Never throws. */
export async function* checkAccount(services: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  try {
    readCallOptions(context.credential.account);
  } catch (thrown) {
    yield { id: 'settings', label: 'A setting is wrong', state: 'failed', detail: readError(thrown).message };
    return;
  }
  const login = yield* checkLogin(services, context);
  if (login === undefined) return;
  const isLetIn = yield* checkQuota(services, context);
  // A key that Patchbay cannot judge by itself is proved by the first answer that it brings.
  if (isLetIn && login.state === 'unproved') yield { ...login, state: 'ok' };
  yield* checkModels(services, context);
}

/** The last step about the login; undefined where the test ends with it. */
async function* checkLogin(
  services: CheckServices,
  context: CallContext,
): AsyncGenerator<CheckStep, CheckStep | undefined> {
  const steps = services.checkLogin(context);
  for (let last: CheckStep | undefined; ; ) {
    const next = await steps.next();
    if (next.done) return next.value ? last : undefined;
    last = next.value;
    yield last;
  }
}

async function* checkModels({ models }: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  const id = 'models';
  yield { id, label: 'Ask for the list of models', state: 'running' };
  try {
    const { models: list, source } = await models.list(context, true);
    const label = `${list.length} models`;
    if (source === 'live') yield { id, label, state: 'ok', detail: list.map((model) => model.id).join(', ') };
    else {
      const which = source === 'kept' ? 'The last list' : 'The list that Patchbay knows';
      yield { id, label: 'Kiro did not tell its models', state: 'warning', detail: `${which} is used: ${label}.` };
    }
  } catch (thrown) {
    yield { id, label: 'No list of models', state: 'failed', detail: readError(thrown).message };
  }
}

/** Whether the account was let in. */
async function* checkQuota({ readQuota }: CheckServices, context: CallContext): AsyncGenerator<CheckStep, boolean> {
  const id = 'quota';
  yield { id, label: 'Ask what is left of the plan', state: 'running' };
  try {
    const { meters, plan = 'The plan', user } = await readQuota(context);
    const who = user === undefined ? '' : ` of ${user}`;
    const [meter] = meters;
    if (meter === undefined) {
      const detail = `${plan}${who}: Kiro does not tell what is used of it.`;
      yield { id, label: 'Nothing is told of the plan', state: 'ok', detail };
      return true;
    }
    const { used, limit, unit = 'units', goesOn } = meter;
    const detail = `${plan}${who}: ${used} of ${limit} ${unit} used.`;
    if (used < limit || goesOn)
      yield { id, label: `${round(Math.max(0, limit - used))} ${unit} left`, state: 'ok', detail };
    else yield { id, label: 'The plan is used up', state: 'warning', detail, link: ACCOUNT_PAGE };
    return true;
  } catch (thrown) {
    const { status, message } = readError(thrown);
    const detail = `${message.replace(/[.\s]*$/, '')}.`;
    const isKey = context.credential.account.method === METHODS.key;
    if (isKey && (status === 401 || status === 403))
      yield {
        id,
        label: 'Kiro refuses this key',
        state: 'warning',
        detail: `${ADVICE} It said: ${detail}`,
        link: ACCOUNT_PAGE,
      };
    else yield { id, label: 'The plan could not be asked for', state: 'warning', detail };
    return false;
  }
}

const round = (amount: number) => Math.round(amount * 100) / 100;
