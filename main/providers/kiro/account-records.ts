// What was learned of each account: the login that it uses, its profile and the way that works. In
// memory and in the vault; which of it holds is decided elsewhere.
import { randomBytes } from 'node:crypto';
import type { Logger } from '../../util/logger.ts';
import type { AccountRecord, LoginStore } from './login-store.ts';

/** What was learned of each account, kept in the vault; a vault that refuses costs the memory of it and no request. */
export function createAccountRecords(store: LoginStore, logger: Logger) {
  const known = new Map<string, AccountRecord>();
  const read = async (id: string): Promise<AccountRecord | undefined> => {
    const record = known.get(id) ?? (await store.readAccount(id));
    if (record !== undefined && !known.has(id)) known.set(id, record);
    return known.get(id);
  };
  const write = async (id: string, record: AccountRecord) => {
    known.set(id, record);
    await store.writeAccount(id, record).catch((error: unknown) => {
      logger.warn('what was learned of an account could not be stored', { account: id, error });
    });
    return record;
  };
  return {
    read,
    peek: (id: string) => known.get(id),
    /** The record for this login: what was learned with another one does not hold any more. */
    join: async (id: string, lane: string): Promise<AccountRecord> => {
      const record = await read(id);
      if (record?.lane === lane) return record;
      const fingerprint = record?.fingerprint ?? randomBytes(32).toString('hex');
      return await write(id, { lane, fingerprint });
    },
    learn: async (id: string, news: Partial<Pick<AccountRecord, 'profileArn' | 'way'>>) => {
      const record = await read(id);
      if (record === undefined) return;
      const names = ['profileArn', 'way'] as const;
      if (names.every((name) => news[name] === undefined || news[name] === record[name])) return;
      await write(id, { ...record, ...news });
    },
    remove: async (id: string) => {
      known.delete(id);
      await store.removeAccount(id);
    },
  };
}
