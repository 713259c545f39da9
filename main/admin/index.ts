// What stands behind the GUI: binds each call of the contract to its handler. Transports are not its business.
import type { Settings, SettingsChange } from '../../shared/settings.ts';
import type { StatusView } from '../../shared/views.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { ClientKeys } from '../credentials/client-keys.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Pool } from '../gateway/pool.ts';
import type { Quotas } from '../gateway/quotas.ts';
import type { Renewals } from '../gateway/renewals.ts';
import type { RouteTester } from '../gateway/route-tester.ts';
import type { ModelRow } from '../gateway/served-models.ts';
import type { ToolCountBook } from '../gateway/tool-counts.ts';
import type { ProjectBook } from '../projects/project-book.ts';
import type { QuestionDesk } from '../projects/question-desk.ts';
import type { SessionBook } from '../projects/session-book.ts';
import type { Provider } from '../providers/provider.ts';
import type { RequestLog } from '../request-log/request-log.ts';
import { createAccountHandlers } from './accounts.ts';
import { createBinder } from './binder.ts';
import { createChangesHandler } from './changes.ts';
import { createModelHandlers } from './models.ts';
import { createProjectHandlers } from './projects.ts';
import { createRequestHandlers } from './requests.ts';
import { createSystemHandlers } from './system.ts';
import { createTryHandlers } from './try-account.ts';

/** Everything that the handlers work with. */
export interface AdminServices {
  readonly status: { read(): StatusView; onChange(listener: () => void): () => void };
  /** Both resolve when the outcome is in the status; they do not throw for a port that is taken. */
  readonly door: { start(): Promise<void>; stop(): Promise<void> };
  readonly accounts: AccountBook;
  readonly keys: ClientKeys;
  readonly log: RequestLog;
  /** The way of every request, for the ones that try an account. */
  readonly gateway: Pick<Gateway, 'converse'>;
  readonly projects: ProjectBook;
  readonly sessions: SessionBook;
  readonly questions: QuestionDesk;
  readonly settings: {
    read(): Settings;
    /** Throws a `GatewayError` for what cannot be changed here. */
    change(change: SettingsChange): Settings | Promise<Settings>;
    onChange(listener: () => void): () => void;
  };
  readonly providers: readonly Provider[];
  readonly models: {
    list(refresh: boolean): Promise<{
      readonly models: readonly ModelRow[];
      readonly failures: readonly { readonly account: string; readonly text: string }[];
    }>;
    /** How many models an account offers, where that is known without asking. */
    count(account: string): number | undefined;
    onChange(listener: () => void): () => void;
  };
  /** How well models call tools in their text. */
  readonly toolCounts: Pick<ToolCountBook, 'find' | 'onChange'>;
  /** What is left of the accounts' plans. */
  readonly quotas: Pick<Quotas, 'find' | 'has' | 'look' | 'refresh' | 'onChange'>;
  /** Who is asked and who rests. */
  readonly pool: Omit<Pool, 'lease' | 'replace' | 'forget' | 'close' | 'rehearse'>;
  readonly renewals: Omit<Renewals, 'close'>;
  readonly tester: RouteTester;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Makes a one-time link to the GUI, as a path; absent where no browser is served. */
  readonly createLinkPath?: () => string;
  /** Puts a text on the person's clipboard; absent where the host has none. */
  readonly writeClipboard?: (text: string) => void;
  /** Lets the person choose a folder; absent where the host has no window for it. */
  readonly chooseFolder?: () => Promise<string | undefined>;
}

/** The router of the contract, ready for any transport of oRPC's. */
export function createAdminRouter(services: AdminServices) {
  const os = createBinder();
  return os.router({
    changes: createChangesHandler(os, services),
    ...createSystemHandlers(os, services),
    accounts: { ...createAccountHandlers(os, services), ...createTryHandlers(os, services) },
    models: createModelHandlers(os, services),
    routing: { test: os.routing.test.handler(({ input }) => services.tester.test(input)) },
    requests: createRequestHandlers(os, services),
    ...createProjectHandlers(os, services),
  });
}

/** The router's type, for transports and clients. */
export type AdminRouter = ReturnType<typeof createAdminRouter>;
