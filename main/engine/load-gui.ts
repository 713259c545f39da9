// The GUI for browsers; Express and the contract are loaded when somebody first asks for it.
import type { RequestListener } from 'node:http';
import type { AdminRouter } from '../admin/index.ts';
import type { Sessions } from '../server/sessions.ts';
import type { Logger } from '../util/logger.ts';

/** What it is made of. */
export interface GuiParts {
  readonly loadAdmin: () => Promise<AdminRouter>;
  /** Folder of the built pages. */
  readonly guiFolder: string;
  readonly sessions: Sessions;
  readonly logger: Logger;
}

/** What answers for the pages and their calls. */
export async function loadGui({ loadAdmin, guiFolder, sessions, logger }: GuiParts): Promise<RequestListener> {
  const { createAdminApp } = await import('../server/admin-routes.ts');
  return createAdminApp({ router: await loadAdmin(), guiFolder, sessions, logger });
}
