// Reads the path of a folder as a person writes it. Makes nothing.
import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, normalize } from 'node:path';

/** The absolute path of a folder that is there, or what is wrong with it, to follow the path in a sentence. */
export type FolderReading = { readonly path: string } | { readonly fault: string };

/** Reads an absolute path, or one that begins with `~` for the person's own folder. */
export function readExistingFolder(text: string, home = homedir()): FolderReading {
  const expanded = text === '~' || /^~[\\/]/.test(text) ? join(home, text.slice(1)) : text;
  if (!isAbsolute(expanded) || expanded.includes('\0')) return { fault: 'is not an absolute path' };
  const path = normalize(expanded).replace(/(?<=[^\\/:])[\\/]+$/, '');
  try {
    if (!statSync(path).isDirectory()) return { fault: 'is not a folder' };
    // A link that leads nowhere, or a part of the path that may not be entered, shows here and not in the agent's hands.
    realpathSync(path);
    return { path };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { fault: code === 'ENOENT' ? 'does not exist' : `cannot be entered (${String(code)})` };
  }
}
