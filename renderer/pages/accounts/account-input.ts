// What the person has typed into an account's form, and how it becomes the draft that is sent. Pure functions.
import { readProxy } from '../../../shared/proxy.ts';
import type { AccountDraft } from '../../../shared/sign-in.ts';
import type { AccountView, Field, ProviderView } from '../../../shared/views.ts';

/** The form as typed. Secrets live here until they are sent, and nowhere else in the page. */
export interface AccountInput {
  readonly method: string;
  readonly preset: string | undefined;
  readonly name: string;
  /** The person gave the name; presets leave it alone from then on. */
  readonly named: boolean;
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Names of stored secrets that saving removes. */
  readonly forgotten: readonly string[];
  /** One model per line. */
  readonly models: string;
}

/** What is wrong with a field. */
export type Fault = 'missing' | 'not-url' | 'not-proxy';

/** The form as it opens: empty, or with what the account has. */
export function openInput(provider: ProviderView, account: AccountView | undefined): AccountInput {
  return {
    method: account?.method ?? provider.signIn[0]?.id ?? '',
    preset: undefined,
    name: account?.name ?? provider.name,
    named: account !== undefined,
    values: account?.values ?? {},
    secrets: {},
    forgotten: [],
    models: account?.models.join('\n') ?? '',
  };
}

/** Faults by field name; `stored` holds the names of secrets that the vault has already. */
export function findFaults(
  fields: readonly Field[],
  input: AccountInput,
  stored: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, Fault> {
  const faults = new Map<string, Fault>();
  for (const field of fields) {
    const kept = stored.has(field.name) && !input.forgotten.includes(field.name);
    const text = readField(field, input);
    if (text === '') {
      if (field.required && !kept) faults.set(field.name, 'missing');
    } else if (field.kind === 'url' && !/^https?:\/\/[^\s/]/i.test(text)) faults.set(field.name, 'not-url');
    else if (field.kind === 'proxy' && readProxy(text) === undefined) faults.set(field.name, 'not-proxy');
  }
  return faults;
}

/** The draft of what was typed; empty fields are absent, forgotten secrets are `''`. */
export function readDraft(provider: ProviderView, fields: readonly Field[], input: AccountInput): AccountDraft {
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const field of fields) {
    const text = readField(field, input);
    if (field.kind !== 'secret') {
      // An emptied field is told, so that what was stored goes.
      if (text !== '' || field.name in input.values) values[field.name] = text;
    } else if (text !== '') secrets[field.name] = text;
    else if (input.forgotten.includes(field.name)) secrets[field.name] = '';
  }
  const models = input.models
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return { provider: provider.id, method: input.method, name: input.name.trim(), values, secrets, models };
}

function readField(field: Field, input: AccountInput): string {
  const typed = (field.kind === 'secret' ? input.secrets : input.values)[field.name]?.trim() ?? '';
  return typed === '' && field.kind === 'choice' ? (field.options?.[0]?.value ?? '') : typed;
}

/** Names of the needed fields that are still empty. */
export function findMissing(fields: readonly Field[], values: Readonly<Record<string, string>>): ReadonlySet<string> {
  const isMissing = ({ name, required, kind }: Field) =>
    required && kind !== 'choice' && (values[name]?.trim() ?? '') === '';
  return new Set(fields.filter(isMissing).map(({ name }) => name));
}

/** Whether the account's way of signing in has a dialogue. */
export function canSignIn(providers: readonly ProviderView[], { provider, method }: AccountView): boolean {
  const known = providers.find(({ id }) => id === provider);
  return known?.signIn.find(({ id }) => id === method)?.dialogue === true;
}
