// Where Kiro's hosts are, for an account and a region. An account's `endpoints` replace them whole; `{region}` in such an
// address stands for the region.
import { GatewayError } from '../../canonical/errors.ts';
import type { Account } from '../../credentials/credential.ts';
import { ID, isRegion } from './formats.ts';

/** The hosts that an account may replace. */
export const HOSTS = ['auth', 'oidc', 'management', 'runtime'] as const;

/** One of Kiro's hosts. */
export type HostName = (typeof HOSTS)[number];

const TEMPLATES: Readonly<Record<HostName, string>> = {
  auth: 'https://prod.{region}.auth.desktop.kiro.dev',
  oidc: 'https://oidc.{region}.amazonaws.com',
  management: 'https://management.{region}.kiro.dev',
  runtime: 'https://runtime.{region}.kiro.dev',
};

/** The address without a slash at its end. Throws `GatewayError` for what is no region: it becomes part of a host name. */
export function findHost(account: Pick<Account, 'endpoints'>, name: HostName, region: string): string {
  if (!isRegion(region)) {
    throw new GatewayError('invalid-request', `"${region.slice(0, 40)}" is not a region of AWS, such as us-east-1.`, {
      provider: ID,
    });
  }
  return (account.endpoints[name] ?? TEMPLATES[name]).replaceAll('{region}', region).replace(/\/+$/, '');
}
