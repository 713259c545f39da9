// Many accounts at once: what the lines of a text hold, adding those that were chosen, writing the accounts into files. The text
// comes with each call and is kept nowhere; what goes back to the page has no secret in it.

import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { ListedAccountView } from '../../shared/account-lists.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { Account, Credential } from '../credentials/credential.ts';
import type { AccountLists, ListedAccount } from '../providers/login.ts';
import type { Provider } from '../providers/provider.ts';
import { checkDraft } from './account-draft.ts';
import { type AccountServices, findProvider, viewAccount } from './account-views.ts';
import type { Binder } from './binder.ts';

/** The handlers of `accounts` that take or give many. */
export function createListHandlers(os: Binder, services: AccountServices) {
  return {
    readList: os.accounts.readList.handler(async ({ input }) => {
      const { provider, lists } = findLists(services, input.provider);
      const present = await openAccounts(services, provider);
      return lists.read(input.text).map((listed) => viewListed(listed, present));
    }),
    addList: os.accounts.addList.handler(async ({ input }) => {
      const { provider, lists } = findLists(services, input.provider);
      const added: Account[] = [];
      const failures: { line: number; text: string }[] = [];
      for (const listed of lists.read(input.text)) {
        if (!input.lines.includes(listed.line)) continue;
        try {
          added.push(await addListed(services, provider, listed));
        } catch (error) {
          failures.push({ line: listed.line, text: readError(error).message });
        }
      }
      return { added: await Promise.all(added.map((account) => viewAccount(services, account))), failures };
    }),
    writeList: os.accounts.writeList.handler(async ({ input }) => {
      const { provider, lists } = findLists(services, input.provider);
      const files = lists.write(await openAccounts(services, provider), input.secrets);
      if (files.length === 0) throw new GatewayError('not-found', `${provider.name} has no account to write down.`);
      return { files: await writeFiles(input.folder, files) };
    }),
  };
}

function findLists({ providers }: AccountServices, id: string): { provider: Provider; lists: AccountLists } {
  const provider = findProvider(providers, id);
  const { lists } = provider;
  if (lists !== undefined) return { provider, lists };
  throw new GatewayError('invalid-request', `${provider.name} takes its accounts one by one.`);
}

/** The provider's accounts; of those whose secrets cannot be had only what is public. */
function openAccounts({ accounts }: AccountServices, { id }: Provider): Promise<Credential[]> {
  const own = accounts.list().filter(({ provider }) => provider === id);
  return Promise.all(
    own.map((account) => accounts.openCredential(account.id).catch((): Credential => ({ account, secrets: {} }))),
  );
}

function viewListed(listed: ListedAccount, present: readonly Credential[]): ListedAccountView {
  const { line, title, fact, problem, draft } = listed;
  const has = draft && present.find((one) => isSame(one, draft));
  return { line, title, fact, problem, usable: draft !== undefined, account: has?.account.name };
}

/** The same person at the upstream, or, where nothing public tells, the same secret. */
function isSame({ account, secrets }: Credential, draft: NonNullable<ListedAccount['draft']>): boolean {
  if (account.method !== draft.method) return false;
  const isIn = (part: Readonly<Record<string, string>>, whole: Readonly<Record<string, string>>) =>
    Object.entries(part).every(([name, value]) => whole[name] === value);
  if (Object.keys(draft.values).length > 0) return isIn(draft.values, account.values);
  return isIn(draft.secrets, secrets);
}

async function addListed({ accounts }: AccountServices, provider: Provider, { problem, draft }: ListedAccount) {
  if (draft === undefined) throw new GatewayError('invalid-request', problem ?? 'This line holds no account.');
  const { method, values, secrets } = checkDraft(provider, draft);
  const account = { provider: provider.id, name: draft.name, method: method.id, values, models: [] };
  return await accounts.add({ ...account, env: {}, endpoints: {} }, secrets);
}

async function writeFiles(folder: string, files: ReturnType<AccountLists['write']>): Promise<string[]> {
  if (!isAbsolute(folder)) throw new GatewayError('invalid-request', 'Name the folder by its whole path.');
  const paths: string[] = [];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const { name, text } of files) {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o600, flag: 'wx' });
      paths.push(path);
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const done = paths.length === 0 ? 'Nothing was written' : `Only ${paths.join(', ')} was written`;
    if (code === 'EEXIST') {
      const message = `${done}: a file of that name is in ${folder} already. Choose another folder.`;
      throw new GatewayError('conflict', message, { cause });
    }
    throw new GatewayError('invalid-request', `${done}: ${folder} cannot be written (${code ?? cause}).`, { cause });
  }
  return paths;
}
