// Long secrets in keychains whose entries are short: stored in pieces under names of their own, behind one entry that names
// them. That entry is written last, so the old secret is whole until the new one is.
import { randomBytes } from 'node:crypto';
import type { Vault } from './vault.ts';

/** The calls of a vault that concern secrets. */
export type SecretStore = Pick<Vault, 'read' | 'write' | 'remove'>;

const HEAD = /^patchbay-pieces:([0-9a-f]{8}):(\d{1,4})$/;

/** A store over `inner` that never gives it more than `most` characters. */
export function splitLongSecrets(inner: SecretStore, most: number): SecretStore {
  const namePieces = (name: string, head: string | undefined): string[] => {
    const [, round, count] = HEAD.exec(head ?? '') ?? [];
    return Array.from({ length: Number(count ?? 0) }, (_, index) => `${name}#${round}.${index}`);
  };
  const removePieces = async (name: string, head: string | undefined) => {
    for (const piece of namePieces(name, head)) await inner.remove(piece);
  };
  return {
    async read(name) {
      const head = await inner.read(name);
      if (head === undefined || !HEAD.test(head)) return head;
      const pieces: string[] = [];
      for (const piece of namePieces(name, head)) {
        const text = await inner.read(piece);
        if (text === undefined) return undefined;
        pieces.push(text);
      }
      return pieces.join('');
    },
    async write(name, secret) {
      const before = await inner.read(name);
      if (secret.length <= most && !HEAD.test(secret)) await inner.write(name, secret);
      else {
        const pieces = cut(secret, most);
        const head = `patchbay-pieces:${randomBytes(4).toString('hex')}:${pieces.length}`;
        for (const [index, piece] of namePieces(name, head).entries()) await inner.write(piece, pieces[index] ?? '');
        await inner.write(name, head);
      }
      await removePieces(name, before);
    },
    async remove(name) {
      const before = await inner.read(name);
      await inner.remove(name);
      await removePieces(name, before);
    },
  };
}

/** Pieces that hold whole characters, of which some count twice. */
function cut(secret: string, most: number): readonly string[] {
  return secret.match(new RegExp(`[^]{1,${Math.floor(most / 2)}}`, 'gu')) ?? [];
}
