// Loaded before every test file: a connection to anywhere but this machine fails at once, so that no test depends on, or
// bothers, a real service.
import { Socket } from 'node:net';

const OWN = /^(localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3}|0\.0\.0\.0|::)$/i;

const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;

Socket.prototype.connect = function connectToSelf(this: Socket, ...args: unknown[]): Socket {
  const host = readHost(args);
  if (host !== undefined && !OWN.test(host)) {
    const error = Object.assign(new Error(`Tests may not leave this machine (${host}).`), { code: 'ENOTFOUND' });
    queueMicrotask(() => this.destroy(error));
    return this;
  }
  return connect.apply(this, args);
} as Socket['connect'];

function readHost(args: unknown[]): string | undefined {
  // Node's own callers hand the arguments over as one list that is in order already.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) {
    return 'host' in first && typeof first.host === 'string' ? first.host : undefined;
  }
  return typeof second === 'string' ? second : undefined;
}
