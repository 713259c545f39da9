// Opens and closes one port, and says truthfully which of the two it is.
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import type { DoorView } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { createListeners } from '../util/listeners.ts';
import { createSerial } from '../util/serial.ts';
import { isLoopback } from './access.ts';
import type { RunningRequests } from './running.ts';

/** The port that clients talk to. */
export interface Door {
  view(): DoorView;
  /** Resolves when it is open or cannot be opened: the view tells which. */
  start(host: string, port: number): Promise<void>;
  /** Takes no new requests, waits at most `drainMs` for running ones, ends the rest. Resolves when the port is free. */
  stop(drainMs: number): Promise<void>;
  onChange(listener: () => void): () => void;
}

const BACKLOG = 1024;
const DRAIN_STEP_MS = 20;

/** Says who has a port that is taken, in words that a sentence about the port can begin with; undefined for a stranger. */
export type NameHolder = (host: string, port: number) => Promise<string | undefined>;

/** A door for what `createApp` makes; `running` holds every request that came through it. */
export function createDoor(createApp: () => Server, running: RunningRequests, nameHolder?: NameHolder): Door {
  const changed = createListeners();
  // A stop during a start, or two moves at once, would leave a port open that the view calls closed.
  const serial = createSerial();
  let server: Server | undefined;
  let view = createView('stopped', '127.0.0.1', 0);
  const set = (next: DoorView) => {
    view = next;
    changed.tell();
  };

  const start = async (host: string, port: number): Promise<void> => {
    if (server !== undefined) return;
    set(createView('starting', host, port));
    const opened = createApp();
    try {
      await listen(opened, host, port);
    } catch (error) {
      set(await describeFailure(error, host, port, nameHolder));
      return;
    }
    server = opened;
    set(createView('serving', host, (opened.address() as AddressInfo).port));
  };

  const stop = async (drainMs: number): Promise<void> => {
    if (server === undefined) {
      set(createView('stopped', view.host, view.port));
      return;
    }
    const closing = server;
    server = undefined;
    set({ ...view, state: 'stopping' });
    const closed = new Promise((resolve) => closing.close(resolve));
    closing.closeIdleConnections();
    const deadline = performance.now() + drainMs;
    while (running.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
      closing.closeIdleConnections();
    }
    for (const request of running) request.abort(new GatewayError('aborted', 'Patchbay is stopping.', { status: 503 }));
    // One turn of the loop, so that aborted requests can still tell their clients why.
    await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
    closing.closeAllConnections();
    await closed;
    set(createView('stopped', view.host, view.port));
  };

  return {
    view: () => view,
    start: (host, port) => serial(() => start(host, port)),
    stop: (drainMs) => serial(() => stop(drainMs)),
    onChange: changed.add,
  };
}

function createView(state: DoorView['state'], host: string, port: number): DoorView {
  const reachable = host === 'localhost' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const shown = reachable.includes(':') ? `[${reachable}]` : reachable;
  return { state, host, port, baseUrl: `http://${shown}:${port}`, exposed: !isLoopback(host) };
}

function listen(server: NetServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Throws `GatewayError` for a port that could not be opened now, so that nobody leaves one that works for it. */
export async function checkPort(host: string, port: number, nameHolder?: NameHolder): Promise<void> {
  const probe = createServer();
  try {
    await listen(probe, host, port);
  } catch (error) {
    const { problem, freePort } = await describeFailure(error, host, port, nameHolder);
    const advice = freePort === undefined ? '' : ` Port ${freePort} is free.`;
    throw new GatewayError('invalid-request', `${problem}${advice}`, { cause: error });
  }
  await new Promise((resolve) => probe.close(resolve));
}

async function describeFailure(error: unknown, host: string, port: number, nameHolder?: NameHolder): Promise<DoorView> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const [holder = 'Another program', freePort] = await Promise.all([
      nameHolder?.(host, port),
      findFreePort(host, port + 1),
    ]);
    return { ...createView('port-taken', host, port), problem: `${holder} already uses port ${port}.`, freePort };
  }
  if (code === 'EACCES') {
    const problem = `This system does not allow port ${port} to be used; take one above 1023.`;
    return { ...createView('failed', host, port), problem, freePort: await findFreePort(host, 7282) };
  }
  if (code === 'EADDRNOTAVAIL') {
    return { ...createView('failed', host, port), problem: `This machine has no address ${host}.` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { ...createView('failed', host, port), problem: `The port could not be opened: ${reason}` };
}

/** The first port from `from` on that is free now; undefined where twenty in a row are taken. */
async function findFreePort(host: string, from: number): Promise<number | undefined> {
  for (let port = from; port < from + 20 && port <= 65535; port++) {
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen({ host, port }, () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
  return undefined;
}
