// Accounts behind the GUI: what can be added, adding, changing, testing and removing.
import type { AccountDraft, AccountView, CheckStep, Field, ProviderView, SignInMethod } from '../../shared/views.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { AccountHealth } from '../credentials/account-book.ts';
import { findFault, listFields } from '../credentials/account-fields.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

type Services = Pick<AdminServices, 'accounts' | 'providers' | 'models' | 'redact'>;

/** The handlers of `accounts`. */
export function createAccountHandlers(os: Binder, services: Services) {
  const { accounts, providers } = services;
  const find = (id: string): Account => {
    const account = accounts.find(id);
    if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
    return account;
  };
  return {
    list: os.accounts.list.handler(() => listAccountViews(services)),
    providers: os.accounts.providers.handler(() => providers.filter((one) => one.signIn.length > 0).map(viewProvider)),
    survey: os.accounts.survey.handler(({ input, signal = new AbortController().signal }) => {
      const provider = findProvider(providers, input.provider);
      return guard(() => provider.survey?.(input.values, signal), signal);
    }),
    add: os.accounts.add.handler(async ({ input }) => {
      const provider = findProvider(providers, input.provider);
      const { method, values, secrets } = checkDraft(provider, input);
      const draft = { provider: provider.id, name: input.name, method: method.id, values, models: input.models ?? [] };
      const account = await accounts.add({ ...draft, env: {}, endpoints: {} }, secrets);
      return viewAccount(services, account);
    }),
    change: os.accounts.change.handler(async ({ input }) => {
      const account = find(input.id);
      const provider = findProvider(providers, account.provider);
      const stored = (await accounts.listSecrets(input.id)).map(({ name }) => name);
      const { values, secrets, method } = checkDraft(
        provider,
        {
          method: input.method ?? account.method,
          values: { ...account.values, ...input.values },
          secrets: input.secrets ?? {},
        },
        stored,
      );
      const { name, models } = input;
      const changed = await accounts.change(input.id, { name, models, method: method.id, values }, secrets);
      return viewAccount(services, changed);
    }),
    remove: os.accounts.remove.handler(async ({ input }) => {
      await accounts.remove(input.id);
      return {};
    }),
    check: os.accounts.check.handler(({ input, signal = new AbortController().signal }) => {
      const account = find(input.id);
      return check(services, account, findProvider(providers, account.provider), signal);
    }),
  };
}

/** All accounts as rows. */
export function listAccountViews(services: Services): Promise<AccountView[]> {
  return Promise.all(services.accounts.list().map((account) => viewAccount(services, account)));
}

async function viewAccount({ accounts, providers, models }: Services, account: Account): Promise<AccountView> {
  const { state, text, at, lastUsedAt } = accounts.health(account.id);
  return {
    ...account,
    values: { ...account.values },
    env: { ...account.env },
    endpoints: { ...account.endpoints },
    models: [...account.models],
    providerName: providers.find(({ id }) => id === account.provider)?.name ?? account.provider,
    secrets: [...(await accounts.listSecrets(account.id))],
    state,
    stateText: text,
    stateAt: at,
    lastUsedAt,
    modelCount: models.count(account.id),
  };
}

function viewProvider({ id, name, card, signIn, fields = [], takesEnv = false }: Provider): ProviderView {
  return { id, name, ...card, signIn: [...signIn], fields: [...fields], takesEnv };
}

function findProvider(providers: readonly Provider[], id: string): Provider {
  const provider = providers.find((one) => one.id === id);
  if (provider === undefined) throw new GatewayError('not-found', `There is no provider "${id}".`);
  return provider;
}

/** The checked content of a form: empty values are gone; secrets that no field asks for any more are `''`. */
function checkDraft(
  provider: Provider,
  draft: Pick<AccountDraft, 'method' | 'values' | 'secrets'>,
  stored: readonly string[] = [],
): { method: SignInMethod; values: Record<string, string>; secrets: Record<string, string> } {
  const method = provider.signIn.find(({ id }) => id === draft.method);
  if (method === undefined) {
    throw new GatewayError('invalid-request', `${provider.name} has no sign-in method "${draft.method}".`);
  }
  const fields = listFields(provider, method);
  const isSecret = (field: Field) => field.kind === 'secret';
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const faults: string[] = [];
  for (const field of fields) {
    const given = (isSecret(field) ? draft.secrets : draft.values)[field.name]?.trim();
    const kept = isSecret(field) && given === undefined && stored.includes(field.name);
    if (field.required && !given && !kept) faults.push(`${field.label} is needed.`);
    if (isSecret(field) && given !== undefined) secrets[field.name] = given;
    if (!given) continue;
    const fault = findFault(field, given);
    if (fault !== undefined) faults.push(`${field.label} ${fault}.`);
    if (!isSecret(field)) values[field.name] = given;
  }
  const known = new Set(fields.filter(isSecret).map(({ name }) => name));
  for (const name of Object.keys(draft.secrets)) if (!known.has(name)) faults.push(`There is no secret "${name}".`);
  for (const name of stored) if (!known.has(name)) secrets[name] = '';
  if (faults.length > 0) throw new GatewayError('invalid-request', faults.join(' '));
  return { method, values, secrets };
}

/** Tells the provider's steps and keeps what they prove; a test that was broken off proves nothing. */
async function* check(
  { accounts, redact }: Services,
  account: Account,
  provider: Provider,
  signal: AbortSignal,
): AsyncGenerator<CheckStep> {
  const steps = new Map<string, CheckStep>();
  const look = async function* (): AsyncGenerator<CheckStep> {
    const credential = await accounts.openCredential(account.id);
    yield* provider.check({ credential, signal });
  };
  for await (const told of guard(look, signal)) {
    const step = told.detail === undefined ? told : { ...told, detail: redact(told.detail) };
    steps.set(step.id, step);
    yield step;
  }
  if (!signal.aborted) accounts.report(account.id, readHealth([...steps.values()]));
}

function readHealth(steps: readonly CheckStep[]): Omit<AccountHealth, 'lastUsedAt'> {
  const at = Date.now();
  const failed = steps.find(({ state }) => state === 'failed');
  const doubtful = steps.find(({ state }) => state === 'warning' || state === 'running');
  const unproved = steps.find(({ state }) => state === 'unproved');
  const decisive = failed ?? doubtful ?? unproved ?? steps.at(-1);
  if (decisive === undefined) return { state: 'untested', at };
  const text = decisive.detail === undefined ? decisive.label : `${decisive.label}: ${decisive.detail}`;
  if (failed !== undefined) return { state: 'failed', text, at };
  if (doubtful !== undefined) return { state: 'attention', text, at };
  return { state: unproved === undefined ? 'ready' : 'untested', text, at };
}

/** Ends when the client goes away, even while a step is awaited; what is thrown becomes a failed step. */
async function* guard(
  open: () => AsyncIterable<CheckStep> | undefined,
  signal: AbortSignal,
): AsyncGenerator<CheckStep> {
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let steps: AsyncIterator<CheckStep> | undefined;
  try {
    steps = open()?.[Symbol.asyncIterator]();
    while (steps !== undefined && !signal.aborted) {
      const next = await Promise.race([steps.next(), gone]);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } catch (error) {
    const { message } = readError(error);
    if (!signal.aborted) yield { id: 'failure', label: 'Test', state: 'failed', detail: message };
  } finally {
    // Not awaited: a step that hangs must not hold the answer open.
    void steps?.return?.()?.catch(() => {});
  }
}
