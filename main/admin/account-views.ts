// Accounts and providers as the GUI sees them: public fields, health, and what can be done with them.
import type { QuotaView } from '../../shared/quota.ts';
import type { RestView } from '../../shared/routing.ts';
import type { AccountView, FoundLogin, FoundLoginView, ProviderView } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { AccountHealth } from '../credentials/account-book.ts';
import { PROXY_FIELD } from '../credentials/account-fields.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import type { AdminServices } from './index.ts';

/** What the handlers of accounts work with. */
export type AccountServices = Pick<
  AdminServices,
  'accounts' | 'providers' | 'models' | 'quotas' | 'pool' | 'renewals' | 'redact'
>;

/** All accounts as rows. */
export function listAccountViews(services: AccountServices): Promise<AccountView[]> {
  return Promise.all(services.accounts.list().map((account) => viewAccount(services, account)));
}

/** One account as a row. */
export async function viewAccount(
  { accounts, providers, models, quotas, pool, renewals }: AccountServices,
  account: Account,
): Promise<AccountView> {
  const health = accounts.health(account.id);
  const rests = pool.listRests(account.id);
  const provider = providers.find(({ id }) => id === account.provider);
  const quota = quotas.find(account);
  return {
    ...account,
    values: { ...account.values },
    env: { ...account.env },
    endpoints: { ...account.endpoints },
    models: [...account.models],
    providerName: provider?.name ?? account.provider,
    secrets: [...(await accounts.listSecrets(account.id))],
    login: provider?.login?.owner(account),
    ...readState(health, rests, quota),
    lastUsedAt: health.lastUsedAt,
    modelCount: models.count(account.id),
    quota,
    hasQuota: quotas.has(account) || undefined,
    rests: [...rests],
    running: pool.countRunning(account.id),
    counts: pool.counts(account.id),
    renewal: renewals.find(account.id),
  };
}

/** What keeps the whole account from being asked comes before what was proved of it: that is what the next request meets. */
function readState(
  { state, text, at }: AccountHealth,
  rests: readonly RestView[],
  quota: QuotaView | undefined,
): Pick<AccountView, 'state' | 'stateText' | 'stateAt'> {
  const whole = rests.filter(({ model }) => model === undefined);
  // The person's wish first, then what the upstream has said, then what it may have meant.
  const [decisive] = (['hand', 'told', 'failed', 'guessed'] as const).flatMap(
    (cause) => whole.findLast((rest) => rest.cause === cause) ?? [],
  );
  if (decisive !== undefined) {
    const { cause, text: stateText, since } = decisive;
    return { state: cause === 'failed' ? 'failed' : 'resting', stateText, stateAt: since };
  }
  // What was proved a minute ago does not hold for the next request when the plan is used up.
  if (state === 'ready' && isUsedUp(quota)) return { state: 'attention', stateText: undefined, stateAt: at };
  return { state, stateText: text, stateAt: at };
}

/** A provider as the add-account sheet and the form of an agent show it. */
export function viewProvider(provider: Provider): ProviderView {
  const { id, name, card, signIn, fields = [], takesEnv = false, agent, lists } = provider;
  const list = lists && { list: { help: lists.help, placeholder: lists.placeholder } };
  const own = { fields: [...fields, PROXY_FIELD], takesEnv, ...(agent && { agent }), ...list };
  return { id, name, ...card, signIn: [...signIn], ...own };
}

/** A login that was found, with the account that already has all that it would be made of. */
export function viewFound({ accounts, redact }: AccountServices, { id }: Provider, login: FoundLogin): FoundLoginView {
  const { method, values } = login.draft;
  const has = accounts.list().find((account) => {
    if (account.provider !== id || account.method !== method) return false;
    return Object.entries(values).every(([name, value]) => account.values[name] === value);
  });
  const problem = login.problem === undefined ? undefined : redact(login.problem);
  return { ...login, facts: login.facts.map(redact), problem, account: has?.name };
}

/** The provider of this id. Throws `GatewayError`. */
export function findProvider(providers: readonly Provider[], id: string): Provider {
  const provider = providers.find((one) => one.id === id);
  if (provider === undefined) throw new GatewayError('not-found', `There is no provider "${id}".`);
  return provider;
}

/** The account of this id. Throws `GatewayError`. */
export function findAccount({ accounts }: Pick<AccountServices, 'accounts'>, id: string): Account {
  const account = accounts.find(id);
  if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
  return account;
}

/** Whether the plan has nothing left of something, and is not charged for more. */
function isUsedUp(quota: QuotaView | undefined): boolean {
  return quota?.meters.some(({ used, limit, goesOn }) => used >= limit && !goesOn) === true;
}
