// What goes wrong between us and a proxy, in words for the person. Names the proxy, never its password.
import { nameProxy, type ProxyAddress } from '../../shared/proxy.ts';
import { GatewayError } from '../canonical/errors.ts';
import { describeConnectionFault } from './errors.ts';

/** The proxy itself cannot be reached. */
export function writeUnreachable(proxy: ProxyAddress, cause: Error): GatewayError {
  const message = `The proxy ${nameProxy(proxy)} cannot be reached: ${describeConnectionFault(cause)}.`;
  return new GatewayError('upstream', message, { code: 'proxy_unreachable', cause });
}

/** The proxy does not take who asks; `said` is its answer. */
export function writeRefusedLogin(proxy: ProxyAddress, said: string): GatewayError {
  const wish =
    proxy.user === undefined ? 'wants a user and a password' : `refuses the user "${proxy.user}" or the password`;
  return new GatewayError('upstream', `The proxy ${nameProxy(proxy)} ${wish} (${said}).`, {
    code: 'proxy_login_refused',
  });
}

/** The proxy was reached, but leads no further. */
export function writeNoWay(proxy: ProxyAddress, target: string, why: string, cause?: unknown): GatewayError {
  const message = `The proxy ${nameProxy(proxy)} does not lead to ${target}: ${why}.`;
  return new GatewayError('upstream', message, { code: 'proxy_no_way', cause });
}

/** What answers there is no proxy of this kind. */
export function writeNoProxy(proxy: ProxyAddress, cause?: unknown): GatewayError {
  const kind = proxy.scheme === 'socks5' ? 'a SOCKS5 proxy' : 'an HTTP proxy';
  const message = `${nameProxy(proxy)} does not answer as ${kind} does. Is it the right address, and the right kind?`;
  return new GatewayError('upstream', message, { code: 'proxy_not_understood', cause });
}
