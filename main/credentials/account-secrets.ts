// The secrets of the stored accounts in the vault: one entry for each field, read once and then kept in memory.
import { GatewayError } from '../canonical/errors.ts';
import type { Account, Credential } from './credential.ts';
import type { Vault } from './vault.ts';

/** The way from an account to its secrets. */
export interface AccountSecrets {
  /** The account with the secrets of these names. Throws `GatewayError` (`unauthorized`) where one is lost or refused. */
  open(account: Account, names: readonly string[]): Promise<Credential>;
  /** Stores what is not empty; returns the names of what was stored. */
  write(id: string, secrets: Readonly<Record<string, string>>): Promise<string[]>;
  remove(id: string, names: readonly string[]): Promise<void>;
  /** The account has changed: read it anew when it is opened next. */
  forget(id: string): void;
}

const nameEntry = (id: string, field: string) => `account/${id}/${field}`;

/** The secrets in `vault`; each is told to `learnSecret` before it is used. */
export function createAccountSecrets(vault: Vault, learnSecret: (secret: string) => void): AccountSecrets {
  const opened = new Map<string, Promise<Credential>>();

  const read = async (account: Account, names: readonly string[]): Promise<Credential> => {
    const secrets: Record<string, string> = {};
    for (const name of names) {
      const secret = await vault.read(nameEntry(account.id, name)).catch((cause: unknown) => {
        const reason = cause instanceof Error ? ` ${cause.message}` : '';
        throw new GatewayError('unauthorized', `The ${name} of "${account.name}" could not be read.${reason}`, {
          cause,
        });
      });
      if (secret === undefined) {
        const advice = `Enter it again in Accounts. ${vault.detail}`;
        throw new GatewayError('unauthorized', `The ${name} of "${account.name}" is not stored any more. ${advice}`);
      }
      learnSecret(secret);
      secrets[name] = secret;
    }
    return { account, secrets };
  };

  return {
    open(account, names) {
      const running = opened.get(account.id);
      if (running !== undefined) return running;
      const opening = read(account, names);
      opened.set(account.id, opening);
      opening.catch(() => opened.get(account.id) === opening && opened.delete(account.id));
      return opening;
    },
    async write(id, secrets) {
      const given = Object.entries(secrets).filter(([, secret]) => secret !== '');
      for (const [name, secret] of given) {
        learnSecret(secret);
        await vault.write(nameEntry(id, name), secret);
      }
      return given.map(([name]) => name);
    },
    async remove(id, names) {
      for (const name of names) await vault.remove(nameEntry(id, name));
    },
    forget: (id) => void opened.delete(id),
  };
}
