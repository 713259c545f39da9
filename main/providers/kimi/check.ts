// What a person sees when an account is tried: that it is complete, its models, what is left of it. Spends nothing.
import type { Quota } from '../../../shared/quota.ts';
import type { CheckStep } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { CallContext } from '../context.ts';
import { readKimiAccount } from './options.ts';

/** What an account is tried with. */
export interface CheckServices {
  /** The steps about the list of models. */
  checkModels(context: CallContext): AsyncIterable<CheckStep>;
  readQuota(context: CallContext): Promise<Quota>;
}

/** Tries an account step by step. Never throws. */
export async function* checkAccount(services: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  let isOwnEngine: boolean;
  try {
    isOwnEngine = readKimiAccount(context.credential).region === undefined;
  } catch (thrown) {
    yield { id: 'settings', label: 'The account is incomplete', state: 'failed', detail: readError(thrown).message };
    return;
  }
  let failed = false;
  for await (const step of services.checkModels(context)) {
    failed = step.state === 'failed';
    yield step;
  }
  if (!failed && !isOwnEngine) yield* checkBalance(services, context);
}

async function* checkBalance({ readQuota }: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  const id = 'balance';
  yield { id, label: 'Ask what is left', state: 'running' };
  try {
    const { meters, balances = [] } = await readQuota(context);
    const [balance] = balances;
    const [meter] = meters;
    if (balance !== undefined) {
      const label = `${balance.left} ${balance.unit} left`;
      const detail = balance.left > 0 ? undefined : 'Requests are refused until the balance is topped up.';
      yield { id, label, state: balance.left > 0 ? 'ok' : 'warning', detail };
    } else if (meter !== undefined) {
      const left = Math.max(0, meter.limit - meter.used);
      yield { id, label: `${left} of ${meter.limit} left of the plan`, state: left > 0 ? 'ok' : 'warning' };
    } else yield { id, label: 'Nothing is told of what is left', state: 'ok' };
  } catch (thrown) {
    yield { id, label: 'What is left could not be asked for', state: 'warning', detail: readError(thrown).message };
  }
}
