// Serves the built GUI to the window under a scheme of its own, so that the page has an origin that no web page shares and
// that can read no other file of this machine.
import { pathToFileURL } from 'node:url';
import { app, net, protocol } from 'electron';
import { findGuiFile, GUI_HEADERS } from '../util/gui-policy.ts';

const SCHEME = 'app';
const HOST = 'patchbay';

/** While the GUI is being written, the address of the server that builds it anew on every change. */
const DEVELOPMENT_URL = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;

/** The page that the window shows. */
export const GUI_URL = DEVELOPMENT_URL ?? `${SCHEME}://${HOST}/`;

/** Whether a URL lies within the GUI. */
export function isGuiUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const own = new URL(GUI_URL);
  const other = new URL(url);
  // The origin of a scheme that is not the web's reads "null" here, so its parts are compared.
  return other.protocol === own.protocol && other.host === own.host;
}

/** Makes the scheme known; only possible before the app is ready. */
export function registerGuiScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Answers the window's requests from `folder`. */
export function serveGui(folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url);
    const file = host === HOST && request.method === 'GET' ? findGuiFile(folder, pathname) : undefined;
    if (file === undefined) return new Response('There is nothing here.', { status: 404, headers: GUI_HEADERS });
    try {
      const found = await net.fetch(pathToFileURL(file).href);
      const type = found.headers.get('content-type') ?? 'application/octet-stream';
      return new Response(found.body, { headers: { ...GUI_HEADERS, 'content-type': type } });
    } catch {
      return new Response('There is nothing here.', { status: 404, headers: GUI_HEADERS });
    }
  });
}
