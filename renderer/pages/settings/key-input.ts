// What is typed into the sheet of a client key: opened from a key, checked input by input, and read into its rules.
import { type ClientKeyView, KeyRules } from '../../../shared/views.ts';

/** Inputs that take a number or nothing. */
export const LIMITS = ['requestsPerMinute', 'tokensPerDay', 'concurrent'] as const;

/** One of them. */
export type LimitName = (typeof LIMITS)[number];

/** When a key ends: never, so many days from now, or on a date. */
export const ENDS = ['never', '7', '30', '90', 'date'] as const;

/** One of them. */
export type End = (typeof ENDS)[number];

/** The sheet's state. Numbers are as typed, the date as the browser's own field has it. */
export interface KeyInput extends Readonly<Record<LimitName, number | string>> {
  readonly name: string;
  readonly models: readonly string[];
  readonly end: End;
  /** `2026-12-31`, or empty. */
  readonly date: string;
}

/** What is wrong, of which input. */
export type KeyFault =
  | { readonly at: 'name'; readonly kind: 'missing' | 'taken' }
  | { readonly at: 'date'; readonly kind: 'missing' | 'past' }
  | { readonly at: LimitName; readonly kind: 'range' };

/** The sheet as it opens. */
export function openKeyInput(key: ClientKeyView | undefined): KeyInput {
  const { models = [], expiresAt, requestsPerMinute = '', tokensPerDay = '', concurrent = '' } = key?.rules ?? {};
  const end = expiresAt === undefined ? 'never' : 'date';
  const date = expiresAt === undefined ? '' : writeDay(expiresAt - 1);
  return { name: key?.name ?? '', models, end, date, requestsPerMinute, tokensPerDay, concurrent };
}

/** Everything that keeps the input from being saved, in the order of the sheet. */
export function findKeyFaults(
  input: KeyInput,
  key: ClientKeyView | undefined,
  others: readonly ClientKeyView[],
  now: number,
): readonly KeyFault[] {
  const faults: KeyFault[] = [];
  const name = input.name.trim();
  const isTaken = others.some((other) => other.id !== key?.id && other.name.toLowerCase() === name.toLowerCase());
  if (name === '') faults.push({ at: 'name', kind: 'missing' });
  else if (isTaken) faults.push({ at: 'name', kind: 'taken' });
  const end = readEnd(input, key, now);
  if (input.end === 'date' && end === undefined) faults.push({ at: 'date', kind: 'missing' });
  // One that has ended already may keep its end while other things are changed.
  else if (end !== undefined && end <= now && end !== key?.rules.expiresAt) faults.push({ at: 'date', kind: 'past' });
  for (const at of LIMITS)
    if (!KeyRules.shape[at].safeParse(readLimit(input[at])).success) faults.push({ at, kind: 'range' });
  return faults;
}

/** The rules that input without faults stands for. */
export function readKeyRules(input: KeyInput, key: ClientKeyView | undefined, now: number): KeyRules {
  const expiresAt = readEnd(input, key, now);
  const limits = LIMITS.flatMap((name) => {
    const limit = readLimit(input[name]);
    return limit === undefined ? [] : [[name, limit] as const];
  });
  return {
    ...(input.models.length === 0 ? {} : { models: [...input.models] }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...Object.fromEntries(limits),
  };
}

/** When the key will end, in milliseconds since 1970: at the end of a day of this machine. */
export function readEnd(
  { end, date }: Pick<KeyInput, 'end' | 'date'>,
  key: ClientKeyView | undefined,
  now: number,
): number | undefined {
  if (end === 'never') return undefined;
  if (end !== 'date') return endDay(new Date(now), Number(end));
  const before = key?.rules.expiresAt;
  // An end in the middle of a day stays what it was, unless the day is changed.
  if (before !== undefined && writeDay(before - 1) === date) return before;
  const [year, month, day] = date.split('-').map(Number);
  return year && month && day ? endDay(new Date(year, month - 1, day), 0) : undefined;
}

function endDay(from: Date, days: number): number {
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days + 1).getTime();
}

/** The day of a moment on this machine, as the browser's own field has it. */
export function writeDay(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function readLimit(typed: number | string): number | undefined {
  return typed === '' ? undefined : Number(typed);
}
