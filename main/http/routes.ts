// Which connections a request takes: straight to its host, or by way of a proxy. One pool for each proxy, kept as long as it is
// used, so that a proxy that is not set any more leaves nothing behind.
import { Agent } from 'undici';
import { nameProxy, type ProxyAddress, readProxy } from '../../shared/proxy.ts';
import { GatewayError } from '../canonical/errors.ts';
import { isOwnMachine } from './own-machine.ts';
import { createProxyConnector, createTunnelConnector, type TunnelLimits, writeProxyLogin } from './tunnel.ts';

/** How one request is to be sent. */
export interface Route {
  readonly agent: Agent;
  readonly origin: string;
  readonly path: string;
  /** Headers that the way itself wants. */
  readonly headers: Readonly<Record<string, string>>;
  /** A proxy that answers in the upstream's place; undefined where whoever answers is the upstream. */
  readonly proxy: ProxyAddress | undefined;
  /** The request has ended, one way or another. */
  release(): void;
}

/** All pools. */
export interface Routes {
  /** Throws `GatewayError` for what is no proxy's address. */
  take(url: URL, proxy: string | undefined): Route;
  close(): Promise<void>;
}

interface Pools {
  readonly address: ProxyAddress;
  /** Connections through the proxy, one host each. */
  readonly tunnels: Agent;
  /** Connections to an HTTP proxy, for plain requests to any host. */
  readonly plain: Agent;
  running: number;
  usedAt: number;
}

/** What routes are made of. */
export interface RoutesOptions extends TunnelLimits {
  /** How long an idle connection is kept, in milliseconds. */
  readonly keepAliveMs: number;
  readonly now?: () => number;
}

/** Pools of a proxy that nobody has used for so long are closed when another is taken. */
const UNUSED_MS = 60_000;

/** No connection yet. */
export function createRoutes(options: RoutesOptions): Routes {
  const { keepAliveMs, reachMs, openMs, now = Date.now } = options;
  // A stream holds its connection, so their number is not limited; pipelining would put one stream behind another.
  const common = { pipelining: 1, keepAliveTimeout: keepAliveMs };
  const direct = new Agent({ ...common, connect: { timeout: reachMs } });
  const proxies = new Map<string, Pools>();

  const open = (text: string): Pools => {
    const address = readProxy(text);
    // The text may hold a password: it is not repeated.
    if (address === undefined) throw new GatewayError('invalid-request', 'The address of the proxy cannot be read.');
    const tunnels = new Agent({ ...common, connect: createTunnelConnector(address, { reachMs, openMs }) });
    const plain = new Agent({ ...common, connect: createProxyConnector(address, reachMs) });
    const pools = { address, tunnels, plain, running: 0, usedAt: now() };
    proxies.set(text, pools);
    return pools;
  };
  const sweep = () => {
    for (const [text, { running, usedAt, tunnels, plain }] of proxies) {
      if (running > 0 || now() - usedAt < UNUSED_MS) continue;
      proxies.delete(text);
      void tunnels.close();
      void plain.close();
    }
  };

  return {
    take(url, proxy) {
      const own = { origin: url.origin, path: url.pathname + url.search, headers: {} };
      if (proxy === undefined || isOwnMachine(url.hostname)) {
        return { agent: direct, ...own, proxy: undefined, release: () => {} };
      }
      sweep();
      const pools = proxies.get(proxy) ?? open(proxy);
      pools.running += 1;
      pools.usedAt = now();
      const { address } = pools;
      const release = once(() => {
        pools.running -= 1;
        pools.usedAt = now();
      });
      if (address.scheme === 'socks5' || url.protocol !== 'http:') {
        return { agent: pools.tunnels, ...own, proxy: undefined, release };
      }
      const headers = { host: url.host, ...writeProxyLogin(address) };
      const { scheme, host, port } = address;
      const origin = nameProxy({ scheme, host, port });
      return { agent: pools.plain, origin, path: url.origin + own.path, headers, proxy: address, release };
    },
    async close() {
      const pools = [...proxies.values()];
      await Promise.all(
        [direct, ...pools.flatMap(({ tunnels, plain }) => [tunnels, plain])].map((one) => one.destroy()),
      );
    },
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
