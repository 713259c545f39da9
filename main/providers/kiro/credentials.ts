// Everything about logins in one hand, for the provider: opening them, signing in and out, finding them, testing them.
import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckStep, FoundLogin } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { CallContext } from '../context.ts';
import type { AccountRenewal, ProviderLogin } from '../login.ts';
import type { ProviderServices } from '../provider.ts';
import type { KiroLogins } from './access.ts';
import type { Pause } from './cli-database.ts';
import { findLogins } from './found-logins.ts';
import { createKiroLogin } from './login.ts';
import { createLoginStore } from './login-store.ts';
import { createKiroLogins, isKeyAccount } from './logins.ts';
import type { Machine } from './places.ts';
import { nameKind } from './tokens.ts';

/** What the provider has for logins. */
export interface KiroCredentials {
  readonly logins: KiroLogins;
  readonly login: ProviderLogin;
  readonly renewal: AccountRenewal;
  findLogins(): Promise<readonly FoundLogin[]>;
  /** The step of a test that is about the login; false where the test ends with it. Never throws. */
  check(context: CallContext): AsyncGenerator<CheckStep, boolean>;
  /** Resolves when no login is being renewed. */
  close(): Promise<void>;
}

/** What a test may put in place of the machine. */
export interface CredentialEdges {
  readonly machine?: Machine;
  readonly now?: () => number;
  readonly pause?: Pause;
}

/** Logins over the person's machine and the vault of `services`. */
export function createKiroCredentials(
  services: Pick<ProviderServices, 'http' | 'logger' | 'vault'>,
  edges: CredentialEdges = {},
): KiroCredentials {
  const {
    machine = { platform: process.platform, home: homedir(), environment: process.env },
    now = Date.now,
    // A wait for somebody's decision must not keep a program alive that is asked to end.
    pause = (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { ref: false, signal }),
  } = edges;
  const store = createLoginStore(services.vault, services.logger);
  const options = { services, store, machine, now, pause };
  const book = createKiroLogins(options);
  return {
    logins: book,
    login: createKiroLogin(options, book),
    renewal: book.renewal,
    close: book.close,
    findLogins: () => findLogins({ machine, now, pause }),
    check: async function* ({ credential, signal }) {
      const id = 'login';
      yield { id, label: 'Look at the login', state: 'running' };
      try {
        const { kind, profileArn, apiRegion } = await book.open(credential, signal);
        const facts = [`Kiro's region: ${apiRegion}`, profileArn && `profile: ${profileArn.split('/').at(-1)}`];
        const detail = `${facts.filter(Boolean).join(', ')}.`;
        // A key is looked at by nobody but the upstream itself.
        const state = isKeyAccount(credential.account) ? 'unproved' : 'ok';
        yield { id, label: `Login with ${nameKind(kind)} is in place`, state, detail };
        return true;
      } catch (error) {
        yield { id, label: 'The login does not work', state: 'failed', detail: readError(error).message };
        return false;
      }
    },
  };
}
