// Writes and sets aside files so that a crash at any moment leaves either the old content or the new one.
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

/** Replaces the file at `path`; the new content is on disk, readable by its owner only or as `mode` says, before the old one goes. */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      if (mode !== 0o600) await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The name under which an unreadable file is kept, so that nothing is thrown away: `a.json` becomes `a.broken-TIME.json`. */
export function nameBroken(path: string, at: Date): string {
  const time = at.toISOString().replace(/[-:]/g, '').replace('T', '-').replace('.', '-').replace('Z', '');
  const extension = /\.json$/.exec(path)?.[0] ?? '';
  return `${path.slice(0, path.length - extension.length)}.broken-${time}${extension}`;
}

/** Puts an unreadable file aside and says where, for the end of a sentence; says so as well where it must stay. Never throws. */
export function putAside(path: string, at: Date): string {
  const aside = nameBroken(path, at);
  try {
    renameSync(path, aside);
    return `put aside as ${aside}`;
  } catch (error) {
    return `it stays where it is: ${(error as Error).message}`;
  }
}
