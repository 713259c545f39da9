// What Patchbay itself keeps of logins, in the vault: the newest tokens of each source, and what was learned of each account.
import { z } from 'zod';
import type { Logger } from '../../util/logger.ts';
import type { ProviderVault } from '../provider.ts';
import type { LoginTokens } from './tokens.ts';

const Tokens = z.object({
  kind: z.enum(['social', 'builder-id', 'identity-center', 'external-idp']),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  expiresAt: z.number().optional(),
  ssoRegion: z.string(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  startUrl: z.string().optional(),
  provider: z.string().optional(),
  profileArn: z.string().optional(),
  tokenEndpoint: z.string().optional(),
});

const LaneRecord = z.object({
  /** Accounts that use the login; it goes with the last of them. */
  users: z.array(z.string()),
  /** Hash of the refresh token that the source had when these tokens were got: the source is older as long as it has that. */
  origin: z.string().optional(),
  tokens: Tokens,
});
/** The newest tokens of one source. */
export type LaneRecord = z.infer<typeof LaneRecord>;

const AccountRecord = z.object({
  /** The login that the rest was learned with. */
  lane: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  profileArn: z.string().optional(),
  way: z.string().optional(),
});
/** What was learned of one account. */
export type AccountRecord = z.infer<typeof AccountRecord>;

/** The vault's part for logins. Every call may throw `GatewayError`. */
export interface LoginStore {
  readLane(key: string): Promise<LaneRecord | undefined>;
  writeLane(key: string, record: LaneRecord): Promise<void>;
  removeLane(key: string): Promise<void>;
  readAccount(id: string): Promise<AccountRecord | undefined>;
  writeAccount(id: string, record: AccountRecord): Promise<void>;
  removeAccount(id: string): Promise<void>;
}

/** A store in `vault`; what cannot be understood counts as absent and is told to the log. */
export function createLoginStore(vault: ProviderVault, logger: Logger): LoginStore {
  const read = async <Record>(name: string, schema: z.ZodType<Record>): Promise<Record | undefined> => {
    const text = await vault.read(name);
    if (text === undefined) return undefined;
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      logger.warn('a stored login of Kiro could not be understood', { name });
      return undefined;
    }
  };
  const write = (name: string, record: object) => vault.write(name, JSON.stringify(record));
  return {
    readLane: async (key) => {
      const record = await read(`login/${key}`, LaneRecord);
      if (record !== undefined) hideTokens(vault, record.tokens);
      return record;
    },
    writeLane: (key, record) => {
      hideTokens(vault, record.tokens);
      return write(`login/${key}`, record);
    },
    removeLane: (key) => vault.remove(`login/${key}`),
    readAccount: (id) => read(`account/${id}`, AccountRecord),
    writeAccount: (id, record) => write(`account/${id}`, record),
    removeAccount: (id) => vault.remove(`account/${id}`),
  };
}

/** Keeps tokens out of logs, wherever they came from. */
export function hideTokens(vault: Pick<ProviderVault, 'hide'>, tokens: LoginTokens): void {
  for (const secret of [tokens.accessToken, tokens.refreshToken, tokens.clientSecret]) {
    if (secret !== undefined) vault.hide(secret);
  }
}
