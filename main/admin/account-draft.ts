// Checks what the account sheet sends against what the provider asks for.

import { splitProxy } from '../../shared/proxy.ts';
import type { AccountDraft } from '../../shared/sign-in.ts';
import type { Field, SignInMethod } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { findFault, listFields } from '../credentials/account-fields.ts';
import type { Provider } from '../providers/provider.ts';

/** The method of an account, what it has in public, and the names of its secrets. */
export interface Present {
  readonly method: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** The checked content of a form: empty values are gone; secrets that the account's method no longer has are `''`. */
export function checkDraft(
  provider: Provider,
  draft: Pick<AccountDraft, 'method' | 'values' | 'secrets'>,
  present: Present = { method: '', secrets: [] },
): { method: SignInMethod; values: Record<string, string>; secrets: Record<string, string> } {
  const method = provider.signIn.find(({ id }) => id === draft.method);
  if (method === undefined) {
    throw new GatewayError('invalid-request', `${provider.name} has no sign-in method "${draft.method}".`);
  }
  const fields = listFields(provider, method);
  const stored = present.secrets;
  const isSecret = (field: Field) => field.kind === 'secret';
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const faults: string[] = [];
  for (const field of fields) {
    const given = (isSecret(field) ? draft.secrets : draft.values)[field.name]?.trim();
    const kept = isSecret(field) && given === undefined && stored.includes(field.name);
    if (field.kind === 'proxy') Object.assign(secrets, takeProxySecret(field.name, given, present));
    if (field.required && !given && !kept) faults.push(`${field.label} is needed.`);
    if (isSecret(field) && given !== undefined) secrets[field.name] = given;
    if (!given) continue;
    const fault = findFault(field, given);
    if (fault !== undefined) faults.push(`${field.label} ${fault}.`);
    if (!isSecret(field)) values[field.name] = field.kind === 'proxy' ? (splitProxy(given)?.address ?? given) : given;
  }
  const known = new Set(fields.filter(isSecret).map(({ name }) => name));
  for (const name of Object.keys(draft.secrets)) if (!known.has(name)) faults.push(`There is no secret "${name}".`);
  const proxies = new Set(fields.filter(({ kind }) => kind === 'proxy').map(({ name }) => name));
  for (const name of listForgotten(method, present)) if (!known.has(name) && !proxies.has(name)) secrets[name] = '';
  if (faults.length > 0) throw new GatewayError('invalid-request', faults.join(' '));
  return { method, values, secrets };
}

/** What becomes of the password of a proxy: a new one is stored, and one that belongs to another address is forgotten. */
function takeProxySecret(name: string, given: string | undefined, present: Present): Record<string, string> {
  const split = given ? splitProxy(given, present.values?.[name]) : undefined;
  if (split?.whole !== undefined) return { [name]: split.whole };
  return split?.kept === true || !present.secrets.includes(name) ? {} : { [name]: '' };
}

/** A dialogue of the same method may have stored secrets that no field asks for: they stay. */
function listForgotten({ id, dialogue }: SignInMethod, present: Present): readonly string[] {
  return dialogue === true && id === present.method ? [] : present.secrets;
}
