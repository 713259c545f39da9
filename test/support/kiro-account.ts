// An account at the stub of Kiro, with a login that a test holds in its hand.

import type { Account, Credential } from '../../main/credentials/credential.ts';
import type { KiroAccess, KiroLogins } from '../../main/providers/kiro/access.ts';
import { type KiroStub, PROFILE, TOKEN } from './kiro-stub.ts';

/** A credential whose hosts are the stub's. */
export function createKiroCredential(stub: Pick<KiroStub, 'endpoints'>, account: Partial<Account> = {}): Credential {
  const empty = { values: {}, env: {}, models: [], source: 'settings' } as const;
  const endpoints = { ...stub.endpoints };
  return {
    account: { id: 'kiro-1', provider: 'kiro', name: 'Kiro', method: 'paste', ...empty, endpoints, ...account },
    secrets: {},
  };
}

/** Logins that count what is asked of them. */
export interface FakeLogins extends KiroLogins {
  access: KiroAccess;
  /** What the next renewal brings; thrown where it is an error. */
  next: Partial<KiroAccess> | Error;
  renewals: number;
  /** The ways that have worked. */
  readonly learned: string[];
}

/** Logins with one access for every account. */
export function createFakeLogins(access: Partial<KiroAccess> = {}): FakeLogins {
  const logins: FakeLogins = {
    access: {
      kind: 'identity-center',
      token: TOKEN,
      profileArn: PROFILE,
      apiRegion: 'us-east-1',
      fingerprint: 'f'.repeat(64),
      ...access,
    },
    next: {},
    renewals: 0,
    learned: [],
    open: async () => logins.access,
    renew: async () => {
      logins.renewals += 1;
      if (logins.next instanceof Error) throw logins.next;
      logins.access = { ...logins.access, ...logins.next };
      return logins.access;
    },
    learnWay: async (_credential, way) => {
      logins.learned.push(way);
      logins.access = { ...logins.access, way };
    },
  };
  return logins;
}
