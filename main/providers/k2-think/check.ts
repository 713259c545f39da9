// What a person sees when an account is tried: its sign-in and its models. Spends nothing.
import type { CheckStep } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import type { CallContext } from '../context.ts';
import { readHost, writeWebHeaders } from './hosts.ts';
import type { K2Models } from './models.ts';
import type { Sessions } from './sessions.ts';
import { METHODS } from './sign-in.ts';

/** What an account is tried with. */
export interface CheckServices {
  readonly models: K2Models;
  readonly http: HttpClient;
  readonly sessions: Sessions;
  readonly now: () => number;
}

const TIMEOUT_MS = 20_000;

/** Tries an account step by step. Never throws. */
export async function* checkAccount(services: CheckServices, context: CallContext): AsyncGenerator<CheckStep> {
  const { method } = context.credential.account;
  if (method === METHODS.guest) return yield* checkGuest(services, context);
  if (method !== METHODS.key && !(yield* checkSignIn(services, context))) return;
  const id = 'models';
  yield { id, label: 'Ask for the list of models', state: 'running' };
  try {
    const models = await services.models.list(context);
    const detail = models.map((model) => model.id).join(', ');
    yield { id, label: `${models.length} models`, state: 'ok', detail };
  } catch (thrown) {
    const error = readError(thrown);
    const label = error.kind === 'unauthorized' ? `The ${nameSecret(method)} was refused` : 'No list of models';
    yield { id, label, state: 'failed', detail: error.message };
  }
}

async function* checkSignIn(
  { sessions, now }: CheckServices,
  context: CallContext,
): AsyncGenerator<CheckStep, boolean> {
  const id = 'sign-in';
  const isPasted = context.credential.account.method === METHODS.token;
  yield { id, label: isPasted ? 'Look at the token' : 'Sign in', state: 'running' };
  try {
    sessions.retry(context.credential);
    await sessions.open(context);
    const ends = await sessions.readEnd(context.credential);
    const minutes = ends === undefined ? undefined : Math.round((ends - now()) / 60_000);
    const life = minutes === undefined ? 'It does not tell how long it holds.' : `It holds for ${describe(minutes)}.`;
    const next = isPasted ? ' Then paste another.' : ' It is renewed before.';
    yield { id, label: isPasted ? 'Token read' : 'Signed in', state: 'ok', detail: life + next };
    return true;
  } catch (thrown) {
    yield {
      id,
      label: isPasted ? 'No usable token' : 'Not signed in',
      state: 'failed',
      detail: readError(thrown).message,
    };
    return false;
  }
}

async function* checkGuest({ http }: CheckServices, { credential, signal }: CallContext): AsyncGenerator<CheckStep> {
  const id = 'guest';
  const { account } = credential;
  yield { id, label: 'Look at the page for guests', state: 'running' };
  try {
    const headers = { ...writeWebHeaders(account, '/'), accept: 'text/html' };
    const url = `${readHost(account, 'web')}/guest`;
    const response = await http.open({
      method: 'GET',
      url,
      headers,
      signal,
      proxy: credential.proxy,
      firstByteMs: TIMEOUT_MS,
      idleMs: TIMEOUT_MS,
    });
    await response.text();
    if (response.status >= 400) {
      yield { id, label: 'No guests there', state: 'failed', detail: `The page answers HTTP ${response.status}.` };
      return;
    }
    const detail = 'Whether guests are answered now only a real request can show.';
    yield { id, label: 'The site is there', state: 'unproved', detail };
  } catch (thrown) {
    yield { id, label: 'The site does not answer', state: 'failed', detail: readError(thrown).message };
  }
}

const nameSecret = (method: string) => (method === METHODS.key ? 'key' : 'sign-in');

const describe = (minutes: number) => (minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`);
