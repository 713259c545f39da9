// The way to Patchbay's engine: a MessagePort where a window's preload offers one, else HTTP to the server that gave us
// this page. Pages never see which of the two it is.
import { createORPCClient } from '@orpc/client';
import { RPCLink as FetchLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract.ts';

/** Typed calls of the contract. */
export type Client = ContractRouterClient<Contract>;

/** What the window's preload offers to the page: asking for a port, which then arrives as a message. */
interface DesktopBridge {
  connect(): void;
}

declare global {
  interface Window {
    readonly patchbay?: DesktopBridge;
  }
}

/** The message that carries the port from the preload. */
export const PORT_MESSAGE = 'patchbay:port';

/** Makes the client for the place where the page runs. */
export function createClient(): Client {
  const bridge = window.patchbay;
  return bridge === undefined ? createHttpClient() : createPortClient(bridge);
}

function createHttpClient(): Client {
  return createORPCClient(
    new FetchLink({
      url: new URL('/gui/rpc', window.location.href),
      fetch: (request, init) => fetch(request, { ...init, credentials: 'same-origin' }),
    }),
  );
}

type CallArguments = Parameters<PortLink<Record<never, never>>['call']>;

function createPortClient(bridge: DesktopBridge): Client {
  let link: Promise<PortLink<Record<never, never>>> | undefined;
  const connect = async () => {
    const port = await openPort(bridge);
    port.addEventListener('close', () => {
      link = undefined;
    });
    const opened = new PortLink({ port });
    port.start();
    return opened;
  };
  return createORPCClient({
    call: async (...call: CallArguments) => {
      link ??= connect();
      return (await link).call(...call);
    },
  });
}

function openPort(bridge: DesktopBridge): Promise<MessagePort> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent) => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== PORT_MESSAGE || port === undefined) return;
      window.removeEventListener('message', receive);
      resolve(port);
    };
    window.addEventListener('message', receive);
    bridge.connect();
  });
}
