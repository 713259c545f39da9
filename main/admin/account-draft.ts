// Checks what the account sheet sends against what the provider asks for.
import type { AccountDraft } from '../../shared/sign-in.ts';
import type { Field, SignInMethod } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { findFault, listFields } from '../credentials/account-fields.ts';
import type { Provider } from '../providers/provider.ts';

/** The method of an account, and the names of its secrets. */
export interface Present {
  readonly method: string;
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
    if (field.required && !given && !kept) faults.push(`${field.label} is needed.`);
    if (isSecret(field) && given !== undefined) secrets[field.name] = given;
    if (!given) continue;
    const fault = findFault(field, given);
    if (fault !== undefined) faults.push(`${field.label} ${fault}.`);
    if (!isSecret(field)) values[field.name] = given;
  }
  const known = new Set(fields.filter(isSecret).map(({ name }) => name));
  for (const name of Object.keys(draft.secrets)) if (!known.has(name)) faults.push(`There is no secret "${name}".`);
  for (const name of listForgotten(method, present)) if (!known.has(name)) secrets[name] = '';
  if (faults.length > 0) throw new GatewayError('invalid-request', faults.join(' '));
  return { method, values, secrets };
}

/** A dialogue of the same method may have stored secrets that no field asks for: they stay. */
function listForgotten({ id, dialogue }: SignInMethod, present: Present): readonly string[] {
  return dialogue === true && id === present.method ? [] : present.secrets;
}
