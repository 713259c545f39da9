// The sign-ins as the vault keeps them over a restart. A vault that refuses costs a sign-in at the next start, and no request.
import { z } from 'zod';
import { readError } from '../../canonical/errors.ts';
import type { ProviderServices } from '../provider.ts';

const KeptSession = z.object({
  /** Of e-mail, password and host: the token of another sign-in is not used. */
  fingerprint: z.string(),
  token: z.string(),
  expiresAt: z.number().optional(),
  signedInAt: z.number(),
});
/** A sign-in with what it was made with. */
export type KeptSession = z.infer<typeof KeptSession>;

/** The stored side of the sign-ins, by account. */
export interface KeptSessions {
  /** Undefined where none is kept that can be understood. Never throws. */
  read(account: string): Promise<KeptSession | 'unreadable' | undefined>;
  /** Resolves when it is kept, or cannot be: that is told to the log. */
  write(account: string, session: KeptSession): Promise<void>;
  /** Throws what the vault throws. */
  remove(account: string): Promise<void>;
}

/** The sign-ins in `vault`. */
export function createKeptSessions(
  vault: ProviderServices['vault'],
  logger: Pick<ProviderServices['logger'], 'warn'>,
): KeptSessions {
  const nameEntry = (account: string) => `session/${account}`;
  return {
    read: async (account) => {
      try {
        const text = await vault.read(nameEntry(account));
        return text === undefined ? undefined : parse(text);
      } catch (error) {
        logger.warn('the sign-in of K2-Think could not be read', { account, reason: readError(error).message });
        return 'unreadable';
      }
    },
    write: async (account, session) => {
      await vault.write(nameEntry(account), JSON.stringify(session)).catch((error: unknown) => {
        const reason = readError(error).message;
        logger.warn('the sign-in of K2-Think could not be kept for the next start', { account, reason });
      });
    },
    remove: (account) => vault.remove(nameEntry(account)),
  };
}

function parse(text: string): KeptSession | undefined {
  try {
    return KeptSession.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
