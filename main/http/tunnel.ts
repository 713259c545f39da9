// Opens a way through a proxy to one host and port: CONNECT for HTTP proxies, SOCKS5 with the name for the others, so that the
// proxy looks names up and this machine does not.
import { request as openRequest } from 'node:http';
import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { buildConnector } from 'undici';
import type { ProxyAddress } from '../../shared/proxy.ts';
import type { GatewayError } from '../canonical/errors.ts';
import { writeNoProxy, writeNoWay, writeRefusedLogin, writeUnreachable } from './proxy-trouble.ts';

/** How long the parts of the way may take, in milliseconds. */
export interface TunnelLimits {
  /** Until the proxy takes the connection. */
  readonly reachMs: number;
  /** Until the proxy has opened the way behind it. */
  readonly openMs: number;
}

interface Target {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Connects to whatever is asked for by way of the proxy; errors are `GatewayError`s. */
export function createTunnelConnector(proxy: ProxyAddress, limits: TunnelLimits): buildConnector.connector {
  const reach = createProxyConnector(proxy, limits.reachMs);
  const secure = buildConnector({ timeout: limits.openMs });
  return (options, callback) => {
    const { hostname, protocol, port } = options;
    const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
    void openTunnel(proxy, target, reach, limits.openMs).then(
      (socket) =>
        protocol === 'https:' ? secure({ ...options, httpSocket: socket }, callback) : callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

/** Connects to the proxy itself, whatever is asked for; an HTTP proxy takes plain requests on such a connection. */
export function createProxyConnector(proxy: ProxyAddress, timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout });
  const { scheme, host, port } = proxy;
  const place = { hostname: host, host, port: String(port), protocol: scheme === 'https' ? 'https:' : 'http:' };
  return (_options, callback) =>
    connect(place, (...[error, socket]) =>
      error === null ? callback(null, socket) : callback(writeUnreachable(proxy, error), null),
    );
}

/** The header by which an HTTP proxy knows who asks. */
export function writeProxyLogin({ user, password = '' }: ProxyAddress): Record<string, string> {
  if (user === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

async function openTunnel(
  proxy: ProxyAddress,
  target: Target,
  reach: buildConnector.connector,
  openMs: number,
): Promise<Socket> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    reach({ hostname: '', protocol: '', port: '' }, (...[error, reached]) =>
      error === null ? resolve(reached) : reject(error),
    );
  });
  try {
    return await (proxy.scheme === 'socks5' ? askSocks : askConnect)(proxy, target, socket, openMs);
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

const nameTarget = ({ host, port }: Target) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

function askConnect(proxy: ProxyAddress, target: Target, socket: Socket, openMs: number): Promise<Socket> {
  const name = nameTarget(target);
  return new Promise((resolve, reject) => {
    const asked = openRequest({
      method: 'CONNECT',
      path: name,
      headers: { host: name, ...writeProxyLogin(proxy) },
      createConnection: () => socket,
    });
    const timer = setTimeout(() => {
      reject(writeNoWay(proxy, name, 'it did not open the way in time'));
      asked.destroy();
    }, openMs);
    asked.on('close', () => clearTimeout(timer));
    asked.once('connect', ({ statusCode = 0, statusMessage }, opened: Socket, head) => {
      clearTimeout(timer);
      if (statusCode === 407) return reject(writeRefusedLogin(proxy, 'HTTP 407'));
      if (statusCode < 200 || statusCode > 299)
        return reject(writeNoWay(proxy, name, `it answers HTTP ${statusCode} ${statusMessage ?? ''}`.trim()));
      if (head.length > 0) opened.unshift(head);
      resolve(opened);
    });
    asked.once('response', () => reject(writeNoProxy(proxy)));
    asked.once('error', (error) => reject(readConnectFault(proxy, name, error)));
    asked.end();
  });
}

function readConnectFault(proxy: ProxyAddress, name: string, error: Error): GatewayError {
  if ('code' in error && String(error.code).startsWith('HPE_')) return writeNoProxy(proxy, error);
  return writeNoWay(proxy, name, 'it closed the connection without an answer', error);
}

/** A byte tells the length of user, password and name. */
const LONGEST_BYTES = 255;

async function askSocks(proxy: ProxyAddress, target: Target, socket: Socket, openMs: number): Promise<Socket> {
  const { user, password, host, port } = proxy;
  const name = nameTarget(target);
  const isLong = (text = '') => Buffer.byteLength(text) > LONGEST_BYTES;
  if (isLong(user) || isLong(password)) throw writeRefusedLogin(proxy, 'SOCKS5 takes no more than 255 bytes of each');
  if (isLong(target.host)) throw writeNoWay(proxy, name, 'the name is too long for SOCKS5');
  try {
    const { socket: opened } = await SocksClient.createConnection({
      command: 'connect',
      proxy: { host, port, type: 5, ...(user === undefined ? {} : { userId: user, password }) },
      destination: target,
      timeout: openMs,
      existing_socket: socket,
    });
    return opened;
  } catch (error) {
    throw readSocksFault(proxy, name, error instanceof Error ? error : new Error(String(error)));
  }
}

const SOCKS_REASONS: Readonly<Record<string, string>> = {
  Failure: 'it failed (SOCKS 1)',
  NotAllowed: 'its rules do not allow it (SOCKS 2)',
  NetworkUnreachable: 'there is no way to that network (SOCKS 3)',
  HostUnreachable: 'there is no way to that host, or nobody knows its name (SOCKS 4)',
  ConnectionRefused: 'nothing listens there (SOCKS 5)',
  TTLExpired: 'the way there is too long (SOCKS 6)',
  CommandNotSupported: 'it opens no connections (SOCKS 7)',
  AddressNotSupported: 'it does not take this kind of address (SOCKS 8)',
};

/** The library tells what happened by its message alone. */
function readSocksFault(proxy: ProxyAddress, name: string, error: Error): GatewayError {
  const { message } = error;
  if (/Authentication failed/i.test(message)) return writeRefusedLogin(proxy, 'SOCKS5');
  if (/no accepted authentication/i.test(message)) return writeRefusedLogin(proxy, 'SOCKS5: no way to sign in fits');
  if (/invalid socks version|unknown authentication/i.test(message)) return writeNoProxy(proxy, error);
  if (/timed out/i.test(message)) return writeNoWay(proxy, name, 'it did not open the way in time', error);
  const reason = /rejected connection - (\w+)/.exec(message)?.[1];
  if (reason !== undefined) return writeNoWay(proxy, name, SOCKS_REASONS[reason] ?? 'it gives no reason', error);
  return writeNoWay(proxy, name, 'it closed the connection without an answer', error);
}
