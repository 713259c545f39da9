// The key of the configuration file that opens the administration of accounts for programs.
import type { Faults, SecretReader } from './config-checks.ts';

const LEAST_CHARACTERS = 16;

/** The key; undefined, with the mistakes noted, where it cannot be used. It must be no client key. */
export function readAdminKey(
  reference: unknown,
  clientKeys: readonly { readonly at: string; readonly value: { readonly key: string } }[],
  faults: Faults,
  secrets: SecretReader,
): string | undefined {
  const at = 'adminKey';
  const key = secrets(reference, at);
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(key)) faults.add(at, 'holds spaces or characters that no header can carry');
  if (key.length < LEAST_CHARACTERS) faults.add(at, `must have at least ${LEAST_CHARACTERS} characters`);
  const twin = clientKeys.find(({ value }) => value.key === key);
  if (twin !== undefined) faults.add(at, `is the same as ${twin.at}.key; clients must not administrate`);
  return key;
}
