// What the readers of the configuration file share: noting mistakes by their path in the file, and resolving secrets.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Provider } from '../providers/provider.ts';
import { nearest } from '../util/nearest.ts';

/** The file is not usable; the message has one line for each mistake. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** The part of the environment that counts. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a provider must tell for its accounts to be read. */
export type ConfigProvider = Pick<Provider, 'id' | 'signIn' | 'fields' | 'endpoints' | 'takesEnv' | 'lists'>;

/** Collects the mistakes of a file. */
export interface Faults {
  /** `at` is a path in the file, as in `accounts[1].baseUrl`. */
  add(at: string, text: string): void;
  /** Adds a mistake for each key that is not `known`, with the known key that it resembles. */
  checkKeys(object: object, known: readonly string[], at: string): void;
  /** Throws a `ConfigFileError` with all of them, if there are any. */
  throwAny(title: string): void;
}

/** Finds the secret behind `env:NAME` or `file:PATH`; undefined, with a mistake noted, where there is none. */
export type SecretReader = (reference: unknown, at: string) => string | undefined;

/** No mistake yet. */
export function createFaults(): Faults {
  const lines: string[] = [];
  return {
    add: (at, text) => void lines.push(at === '' ? text : `${at}: ${text}`),
    checkKeys(object, known, at) {
      for (const key of Object.keys(object).filter((name) => !known.includes(name))) {
        const near = nearest(key, known);
        const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
        lines.push(`${at === '' ? key : `${at}.${key}`}: unknown key; ${hint}`);
      }
    },
    throwAny(title) {
      if (lines.length > 0) throw new ConfigFileError(`${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    },
  };
}

/** A reader over the environment and the files beside the configuration file. */
export function createSecretReader(environment: Environment, folder: string, faults: Faults): SecretReader {
  return (reference, at) => {
    const [, kind, name = ''] = /^(env|file):(.+)$/s.exec(typeof reference === 'string' ? reference : '') ?? [];
    if (kind === undefined) {
      faults.add(at, 'a secret does not belong into this file; write "env:NAME" or "file:PATH" instead');
      return undefined;
    }
    if (kind === 'env') {
      const value = environment[name];
      if (!value) faults.add(at, `the environment variable ${name} is not set`);
      return value || undefined;
    }
    const path = resolve(folder, name);
    try {
      const value = readFileSync(path, 'utf8').trim();
      if (value === '') faults.add(at, `the file ${path} is empty`);
      return value || undefined;
    } catch (error) {
      faults.add(
        at,
        `the file ${path} cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`,
      );
      return undefined;
    }
  };
}

/** Whether a parsed JSON value is an object with keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as the schema has it; undefined, with a mistake noted for each place, where it does not fit. */
export function checkWith<Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  at: string,
  faults: Faults,
): Value | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const seen = new Set<string>();
  for (const { path, message } of result.error.issues) {
    const place = at + path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    if (!seen.has(place)) faults.add(place, message);
    seen.add(place);
  }
  return undefined;
}
