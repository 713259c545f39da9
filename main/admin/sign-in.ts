// Signing accounts in and out from the GUI: the provider talks, the dialogue carries it, and what comes of it is stored.
import type { AccountDraft, SignInStart, SignInStep } from '../../shared/sign-in.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Account, Credential } from '../credentials/credential.ts';
import type { ProviderLogin, SignedIn } from '../providers/login.ts';
import type { Provider } from '../providers/provider.ts';
import { checkDraft } from './account-draft.ts';
import { type AccountServices, findAccount, findProvider, viewAccount } from './account-views.ts';
import type { Binder } from './binder.ts';
import { createDialogues, type Talk } from './dialogues.ts';

/** The handlers of `accounts` that sign in and out. */
export function createSignInHandlers(os: Binder, services: AccountServices) {
  const { accounts, redact } = services;
  const dialogues = createDialogues({ redact });
  return {
    signIn: os.accounts.signIn.handler(async ({ input, signal = new AbortController().signal }) =>
      dialogues.open(await prepareTalk(services, input), signal),
    ),
    answer: os.accounts.answer.handler(({ input }) => {
      dialogues.answer(input);
      return {};
    }),
    signOut: os.accounts.signOut.handler(async ({ input, signal = new AbortController().signal }) => {
      const account = findAccount(services, input.id);
      const { login } = findProvider(services.providers, account.provider);
      const owner = login?.owner(account);
      if (login === undefined || owner === undefined) {
        throw new GatewayError('invalid-request', `${account.name} has no login to sign out of.`);
      }
      if (owner === 'shared' && !input.shared) {
        throw new GatewayError('forbidden', `Other programs use the login of ${account.name}, too. Nothing was done.`);
      }
      const text = redact(await login.signOut({ credential: await accounts.openCredential(account.id), signal }));
      accounts.report(account.id, { state: 'failed', text: 'Signed out.', at: Date.now() });
      return { text };
    }),
  };
}

/** Throws `GatewayError` before anything has begun. */
async function prepareTalk(services: AccountServices, start: SignInStart): Promise<Talk> {
  if ('draft' in start) return prepareDraft(services, start.draft);
  const { accounts, redact } = services;
  const account = findAccount(services, start.account);
  const login = findLogin(findProvider(services.providers, account.provider), account.method);
  const credential = await accounts.openCredential(account.id);
  return createTalk(login, credential, async (signed) => {
    const changed = hasNews(signed) ? await storeNews(services, account, signed) : account;
    accounts.report(account.id, { state: 'untested', text: redact(signed.text), at: Date.now() });
    return await finish(services, changed, signed);
  });
}

function prepareDraft(services: AccountServices, input: AccountDraft): Talk {
  const provider = findProvider(services.providers, input.provider);
  const { method, values, secrets } = checkDraft(provider, input);
  const login = findLogin(provider, method.id);
  const { name, models = [] } = input;
  const draft = { provider: provider.id, name, method: method.id, values, models, env: {}, endpoints: {} };
  const account: Account = { ...draft, id: 'new', source: 'settings' };
  const credential = services.accounts.route({ account, secrets });
  return createTalk(login, credential, async (signed) => {
    const whole = { ...draft, values: { ...values, ...signed.values } };
    const added = await services.accounts.add(whole, { ...secrets, ...signed.secrets });
    return await finish(services, added, signed);
  });
}

function createTalk(
  login: ProviderLogin,
  credential: Credential,
  store: (signed: SignedIn) => Promise<SignInStep>,
): Talk {
  return async (dialogue, signal) => {
    const signed = await login.signIn({ credential, dialogue, signal });
    try {
      // Who has closed the sheet in the last moment wants no account.
      signal.throwIfAborted();
      return await store(signed);
    } catch (error) {
      await signed.discard?.();
      throw error;
    }
  };
}

function findLogin({ name, signIn, login }: Provider, method: string): ProviderLogin {
  const talks = signIn.some(({ id, dialogue }) => id === method && dialogue === true);
  if (talks && login !== undefined && 'signIn' in login) return login;
  throw new GatewayError(
    'invalid-request',
    `${name} is set up by what its form asks for; there is nothing to sign in.`,
  );
}

function hasNews({ values, secrets }: SignedIn): boolean {
  return values !== undefined || secrets !== undefined;
}

function storeNews({ accounts }: AccountServices, account: Account, signed: SignedIn): Promise<Account> {
  const present = accounts.find(account.id)?.values ?? account.values;
  return accounts.change(account.id, { values: { ...present, ...signed.values } }, signed.secrets ?? {});
}

async function finish(services: AccountServices, account: Account, { text }: SignedIn): Promise<SignInStep> {
  return { type: 'done', text: services.redact(text), account: await viewAccount(services, account) };
}
