// Which fields an account has and whether its values fit them; the same rules for the GUI and the configuration file.
// Takes what a provider declares about itself and knows no provider by name.
import { NO_PROXY_ADDRESS, readProxy } from '../../shared/proxy.ts';
import type { Field, SignInMethod } from '../../shared/views.ts';

/** The part of a provider that says how its accounts are set up. */
export interface AccountForm {
  readonly signIn: readonly SignInMethod[];
  readonly fields?: readonly Field[];
}

/** What every account that is set up has, whatever its provider: all of them reach the network. */
export const PROXY_FIELD: Field = {
  name: 'proxy',
  label: 'Proxy',
  kind: 'proxy',
  required: false,
  placeholder: 'socks5://user:password@host:1080',
  help: 'For this account alone, in place of the one in Settings. The password is stored apart and not shown again.',
  advanced: true,
};

/** The fields of one sign-in method, those that all methods and all accounts share included. */
export function listFields(form: AccountForm, method: SignInMethod): readonly Field[] {
  return [...method.fields, ...(form.fields ?? []), PROXY_FIELD];
}

/** What is wrong with a value, as the end of a sentence that begins with the field's name; undefined where it fits. */
export function findFault(field: Field, value: string): string | undefined {
  if (/[\r\n\0]/.test(value)) return 'must be a single line';
  if (field.kind === 'url' && !isHttpUrl(value)) return NO_HTTP_URL;
  if (field.kind === 'proxy' && readProxy(value) === undefined) return NO_PROXY_ADDRESS;
  const choices = (field.options ?? []).map((option) => option.value);
  if (field.kind === 'choice' && !choices.includes(value))
    return `must be one of: ${choices.filter(Boolean).join(', ')}`;
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
