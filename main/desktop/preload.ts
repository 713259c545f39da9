// Runs in the window's sandbox before the page. Hands the page one message port to the main process and nothing else:
// what may be said over it is decided by the contract, not here.
import { contextBridge, ipcRenderer } from 'electron';

/** All that is used of the page; this side's TypeScript project has no DOM. */
declare const window: { postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void };

ipcRenderer.on('patchbay:port', (event) => {
  window.postMessage('patchbay:port', '*', [...event.ports]);
});

contextBridge.exposeInMainWorld('patchbay', {
  connect: () => ipcRenderer.send('patchbay:connect'),
});
