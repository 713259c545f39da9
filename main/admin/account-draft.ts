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
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const faults: string[] = [];
  for (const field of fields) {
    const given = (isSecret(field) ? draft.secrets : draft.values)[field.name]?.trim();
    const kept = isSecret(field) && given === undefined && stored.includes(field.name);
    if (field.required && !given && !kept) faults.push(`${field.label} is needed.`);
    if (isSecret(field) && given !== undefined) secrets[field.name] = given;
    if (field.kind === 'proxy') Object.assign(secrets, takeProxySecret(field.name, given, present));
    if (!given) continue;
    const fault = findFault(field, given);
    if (fault !== undefined) faults.push(`${field.label} ${fault}.`);
    if (!isSecret(field)) values[field.name] = writeValue(field, given);
  }
  const known = new Set(fields.filter(isSecret).map(({ name }) => name));
  for (const name of Object.keys(draft.secrets)) if (!known.has(name)) faults.push(`There is no secret "${name}".`);
  const isForgotten = (name: string) => !fields.some((field) => field.name === name && mayBeStored(field));
  for (const name of listForgotten(method, present).filter(isForgotten)) secrets[name] = '';
  if (faults.length > 0) throw new GatewayError('invalid-request', faults.join(' '));
  return { method, values, secrets };
}

const isSecret = ({ kind }: Field) => kind === 'secret';
const mayBeStored = ({ kind }: Field) => kind === 'secret' || kind === 'proxy';

/** What of a public field is public. */
function writeValue({ kind }: Field, given: string): string {
  return kind === 'proxy' ? (splitProxy(given)?.address ?? '') : given;
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
