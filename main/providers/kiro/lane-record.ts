// What Patchbay keeps of one login: read from the vault once, then the newest in memory and written at every change.
import type { Logger } from '../../util/logger.ts';
import { createSerial } from '../../util/serial.ts';
import type { LaneRecord, LoginStore } from './login-store.ts';
import type { LoginSource } from './sources.ts';
import { hash, type LoginTokens } from './tokens.ts';

/** The stored side of a login. */
export interface KeptLogin {
  /** What is kept; reads it where it was not read yet, and stores again what could not be stored. Throws `GatewayError`. */
  read(): Promise<LaneRecord | undefined>;
  /** Stores renewed tokens; `sourceToken` is the refresh token that the source had. Never throws: a failure is told to the log. */
  keep(tokens: LoginTokens, sourceToken: string | undefined): Promise<void>;
  join(account: string): Promise<void>;
  /** Resolves to how many accounts still use the login. */
  leave(account: string): Promise<number>;
  /** Stores nothing from now on; resolves when nothing is being stored. */
  end(): Promise<void>;
  /** Resolves when what is being stored is stored. */
  settle(): Promise<void>;
}

/** Nothing read yet. */
export function createKeptLogin(source: LoginSource, store: LoginStore, logger: Logger): KeptLogin {
  const users = new Set<string>();
  let record: LaneRecord | undefined;
  let reading: Promise<void> | undefined;
  let isUnsaved = false;
  let isOver = false;

  const serial = createSerial();
  /** Writes what is the newest when its turn comes. The tokens in memory are all that is left of the login while they cannot be stored. */
  const save = () =>
    serial(async () => {
      if (record === undefined || isOver) return;
      try {
        await store.writeLane(source.key, record);
        isUnsaved = false;
      } catch (error) {
        isUnsaved = true;
        const detail = 'The login is lost if Patchbay ends before it can be stored.';
        logger.error('a renewed login of Kiro could not be stored', { source: source.name, detail, error });
      }
    });
  const read = async () => {
    reading ??= store.readLane(source.key).then((found) => {
      record = found;
    });
    try {
      await reading;
    } catch (error) {
      reading = undefined;
      throw error;
    }
    // No request waits for a vault that has just refused.
    if (isUnsaved) void save();
    return record;
  };
  return {
    read,
    keep: async (tokens, sourceToken) => {
      const origin = sourceToken === undefined ? record?.origin : hash(sourceToken);
      record = { users: [...new Set([...(record?.users ?? []), ...users])], origin, tokens };
      await save();
    },
    join: async (account) => {
      users.add(account);
      const kept = await read();
      if (kept === undefined || kept.users.includes(account)) return;
      record = { ...kept, users: [...kept.users, account] };
      await save();
    },
    leave: async (account) => {
      users.delete(account);
      const kept = await read();
      if (kept !== undefined) record = { ...kept, users: kept.users.filter((user) => user !== account) };
      const left = new Set([...users, ...(record?.users ?? [])]).size;
      if (left > 0) await save();
      return left;
    },
    end: () => {
      isOver = true;
      return serial(async () => {});
    },
    settle: () => serial(async () => {}),
  };
}
