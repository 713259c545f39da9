// Hands a key or token to the program without its environment, which every command that an agent runs inherits: as a file
// without a name, emptied as soon as the program has read it.
import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a program can read its secret from a descriptor here. */
export const CAN_HIDE_SECRETS = process.platform !== 'win32';

/** A secret that waits for its program. */
export interface HiddenSecret {
  /** To be given to the program as its own. */
  readonly descriptor: number;
  /** The program has read it, or never will: it is nowhere any more. A second call is nothing. */
  forget(): void;
}

/** Puts `text` into a file in `folder` that has no name any more when this returns. */
export function hideSecret(folder: string, text: string): HiddenSecret {
  const file = join(folder, 'once');
  const writable = openSync(file, 'wx', 0o600);
  let descriptor: number | undefined;
  try {
    // A descriptor of its own, as some systems let the program read on where the last one stopped.
    descriptor = openSync(file, 'r');
    unlinkSync(file);
    writeSync(writable, text);
  } catch (error) {
    for (const open of [writable, descriptor]) if (open !== undefined) closeSync(open);
    throw error;
  }
  let isForgotten = false;
  return {
    descriptor,
    forget: () => {
      if (isForgotten) return;
      isForgotten = true;
      ftruncateSync(writable);
      closeSync(writable);
      closeSync(descriptor);
    },
  };
}
