// Where K2-Think is reached and what its hosts want to see in a request, as data. Patchbay says who it is: it wears no
// browser's name, and sends only the two headers by which the web host tells its own page from another.
import type { Account } from '../../credentials/credential.ts';

/** The provider's id. */
export const ID = 'k2-think';

const HOSTS = {
  /** The site with its private interface. */
  web: 'https://www.k2think.ai',
  /** The documented interface for developers, with its own keys. */
  api: 'https://api.k2think.ai/v1',
} as const;

/** Names of the hosts that an account may replace. */
export const HOST_NAMES: readonly string[] = Object.keys(HOSTS);

/** The base URL of one host, without a slash at its end. */
export function readHost({ endpoints }: Pick<Account, 'endpoints'>, name: keyof typeof HOSTS): string {
  return (endpoints[name] ?? HOSTS[name]).replace(/\/+$/, '');
}

/** The headers of a call to the web host from its page `page`. */
export function writeWebHeaders(account: Account, page: string, token?: string): Record<string, string> {
  const web = readHost(account, 'web');
  return {
    ...writeAgent(account),
    origin: web,
    referer: `${web}${page}`,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** The headers of a call to the documented interface. */
export function writeApiHeaders(account: Account, key: string): Record<string, string> {
  return { ...writeAgent(account), authorization: `Bearer ${key}` };
}

function writeAgent({ values }: Account): Record<string, string> {
  return { 'user-agent': values.userAgent ?? 'Patchbay' };
}
