// Accounts behind the GUI: what can be added, adding, changing, testing and removing.
import type { Credential } from '../credentials/credential.ts';
import { checkAccount } from '../gateway/account-check.ts';
import { guardSteps } from '../gateway/step-guard.ts';
import { checkDraft } from './account-draft.ts';
import { createListHandlers } from './account-lists.ts';
import {
  type AccountServices,
  findAccount,
  findProvider,
  listAccountViews,
  viewAccount,
  viewFound,
  viewProvider,
} from './account-views.ts';
import type { Binder } from './binder.ts';
import { createSignInHandlers } from './sign-in.ts';

/** The handlers of `accounts`. */
export function createAccountHandlers(os: Binder, services: AccountServices) {
  const { accounts, providers } = services;
  return {
    list: os.accounts.list.handler(() => listAccountViews(services)),
    providers: os.accounts.providers.handler(() => providers.filter((one) => one.signIn.length > 0).map(viewProvider)),
    survey: os.accounts.survey.handler(({ input, signal = new AbortController().signal }) => {
      const provider = findProvider(providers, input.provider);
      return guardSteps(() => provider.survey?.(input.values, signal), signal);
    }),
    found: os.accounts.found.handler(async ({ input, signal = new AbortController().signal }) => {
      const provider = findProvider(providers, input.provider);
      const found = (await provider.findLogins?.(signal)) ?? [];
      return found.map((login) => viewFound(services, provider, login));
    }),
    add: os.accounts.add.handler(async ({ input }) => {
      const provider = findProvider(providers, input.provider);
      const { method, values, secrets } = checkDraft(provider, input);
      const draft = { provider: provider.id, name: input.name, method: method.id, values, models: input.models ?? [] };
      const account = await accounts.add({ ...draft, env: {}, endpoints: {} }, secrets);
      return viewAccount(services, account);
    }),
    change: os.accounts.change.handler(async ({ input }) => {
      const account = findAccount(services, input.id);
      const provider = findProvider(providers, account.provider);
      const names = (await accounts.listSecrets(input.id)).map(({ name }) => name);
      const { values, secrets, method } = checkDraft(
        provider,
        {
          method: input.method ?? account.method,
          values: { ...account.values, ...input.values },
          secrets: input.secrets ?? {},
        },
        { method: account.method, values: account.values, secrets: names },
      );
      const { name, models } = input;
      const before = await accounts.openCredential(input.id).catch(() => undefined);
      const changed = await accounts.change(input.id, { name, models, method: method.id, values }, secrets);
      await forgetLogin(services, before);
      return viewAccount(services, changed);
    }),
    readQuota: os.accounts.readQuota.handler(async ({ input }) => {
      const account = findAccount(services, input.id);
      await services.quotas.refresh(account.id);
      return viewAccount(services, findAccount(services, account.id));
    }),
    remove: os.accounts.remove.handler(async ({ input }) => {
      const before = await accounts.openCredential(input.id).catch(() => undefined);
      await accounts.remove(input.id);
      await forgetLogin(services, before);
      return {};
    }),
    rest: os.accounts.rest.handler(({ input }) => {
      const account = findAccount(services, input.id);
      services.pool.rest(account.id, input.until);
      return viewAccount(services, account);
    }),
    use: os.accounts.use.handler(({ input }) => {
      const account = findAccount(services, input.id);
      services.pool.use(account.id);
      return viewAccount(services, account);
    }),
    renewLogin: os.accounts.renewLogin.handler(async ({ input }) => {
      const account = findAccount(services, input.id);
      await services.renewals.renew(account.id);
      return viewAccount(services, account);
    }),
    check: os.accounts.check.handler(({ input, signal = new AbortController().signal }) => {
      const account = findAccount(services, input.id);
      return checkAccount(services, account, findProvider(providers, account.provider), signal);
    }),
    ...createListHandlers(os, services),
    ...createSignInHandlers(os, services),
  };
}

/** Ends the login that an account had before it was removed or became another. */
async function forgetLogin({ accounts, providers }: AccountServices, before: Credential | undefined): Promise<void> {
  const login = providers.find(({ id }) => id === before?.account.provider)?.login;
  if (before !== undefined) await login?.forget(before, accounts.list());
}
