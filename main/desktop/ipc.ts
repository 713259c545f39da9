// The contract over Electron: our page asks for a message port, gets one, and speaks the contract over it. Any other sender
// gets nothing. Ports close with the page that holds them, and the streams on them end.
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { ipcMain, MessageChannelMain, type WebFrameMain } from 'electron';
import { isGuiUrl } from './gui-scheme.ts';

/** What the bridge is made of. */
export interface IpcOptions {
  /** The contract with its handlers; needs no context. */
  readonly router: AnyRouter;
  /** Whether a frame is the main frame of our window. */
  readonly isOurs: (frame: WebFrameMain) => boolean;
}

/** Answers the window's requests for a port from now on. */
export function setUpIpc({ router, isOurs }: IpcOptions): void {
  const handler = new RPCHandler(router);
  ipcMain.on('patchbay:connect', ({ senderFrame }) => {
    if (senderFrame === null || !isOurs(senderFrame) || !isGuiUrl(senderFrame.url)) return;
    const { port1, port2 } = new MessageChannelMain();
    handler.upgrade(port1, { context: {} });
    port1.start();
    senderFrame.postMessage('patchbay:port', undefined, [port2]);
  });
}
