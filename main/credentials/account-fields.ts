// Which fields an account has and whether its values fit them; the same rules for the GUI and the configuration file.
// Takes what a provider declares about itself and knows no provider by name.
import type { Field, SignInMethod } from '../../shared/views.ts';

/** The part of a provider that says how its accounts are set up. */
export interface AccountForm {
  readonly signIn: readonly SignInMethod[];
  readonly fields?: readonly Field[];
}

/** The fields of one sign-in method, those that all methods share included. */
export function listFields(form: AccountForm, method: SignInMethod): readonly Field[] {
  return [...method.fields, ...(form.fields ?? [])];
}

/** What is wrong with a value, as the end of a sentence that begins with the field's name; undefined where it fits. */
export function findFault(field: Field, value: string): string | undefined {
  if (/[\r\n\0]/.test(value)) return 'must be a single line';
  if (field.kind === 'url' && !isHttpUrl(value)) return NO_HTTP_URL;
  const choices = (field.options ?? []).map((option) => option.value);
  if (field.kind === 'choice' && !choices.includes(value)) return `must be one of: ${choices.join(', ')}`;
  return undefined;
}

/** What is wrong with an address for which `isHttpUrl` is false. */
export const NO_HTTP_URL = 'must be a URL that begins with http:// or https://, without a user name or password in it';

/** Whether `text` is an address that can be called; one with a user name or password in it is not. */
export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && hostname !== '' && username === '' && password === '';
}
