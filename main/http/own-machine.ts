// Which hosts are this machine itself: what goes there never goes through a proxy.
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Names and addresses for programs that are told in `NO_PROXY` what is not to be proxied. */
export const OWN_HOSTS: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

const OWN_NAMES = /^(localhost|localhost\.localdomain|ip6-localhost|ip6-loopback|.+\.localhost)$/;
const OWN_ADDRESS = /^(127\.|0\.0\.0\.0$|::1?$|::ffff:(127\.|7f[0-9a-f]{2}:))/;

/** Whether `host`, as a URL has it, is this machine by a loopback address, by a name for one, or by the machine's own name. */
export function isOwnMachine(host: string, ownName = hostname()): boolean {
  const plain = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  if (isIP(plain) > 0) return OWN_ADDRESS.test(plain);
  const own = ownName.toLowerCase();
  return OWN_NAMES.test(plain) || (own !== '' && (plain === own || plain === `${own}.local`));
}
