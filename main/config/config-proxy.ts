// A proxy of the configuration file: its address, with the password or the whole of it kept elsewhere.
import { NO_PROXY_ADDRESS, nameProxy, readProxy, writeProxy } from '../../shared/proxy.ts';
import type { Faults, SecretReader } from './config-checks.ts';

/** A proxy as the file names it. */
export interface FileProxy {
  /** Without the password; may be shown. */
  readonly address: string;
  /** With the password; the same as the address where there is none. */
  readonly whole: string;
}

/**
 * Reads `socks5://user:password@host:1080`. `env:NAME` or `file:PATH` may stand for all of it or for the password. Undefined, with
 * the mistake noted, where there is none; no mistake repeats the password.
 */
export function readFileProxy(
  value: unknown,
  at: string,
  { faults, secrets }: { readonly faults: Faults; readonly secrets: SecretReader },
): FileProxy | undefined {
  const isReference = typeof value === 'string' && /^(env|file):/.test(value);
  const text = isReference ? secrets(value, at) : value;
  if (isReference && text === undefined) return undefined;
  const proxy = typeof text === 'string' ? readProxy(text) : undefined;
  if (proxy === undefined) {
    faults.add(at, NO_PROXY_ADDRESS);
    return undefined;
  }
  const { password } = proxy;
  const isPasswordElsewhere = !isReference && password !== undefined && /^(env|file):/.test(password);
  const found = isPasswordElsewhere ? secrets(password, at) : password;
  if (isPasswordElsewhere && found === undefined) return undefined;
  return { address: nameProxy(proxy), whole: writeProxy({ ...proxy, password: found }) };
}
