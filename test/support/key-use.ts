// The use of client keys in a folder that goes with its test.
import { join } from 'node:path';
import { type KeyUse, openKeyUse } from '../../main/credentials/key-use.ts';
import type { Clock } from '../../main/util/clock.ts';
import { makeTempFolder } from './temp-folder.ts';

/** Counts that begin at nothing, or with what the folder holds. */
export function openTestKeyUse(options: { readonly folder?: string; readonly clock?: Clock } = {}): KeyUse {
  const { folder = makeTempFolder(), clock } = options;
  return openKeyUse({ path: join(folder, 'key-use.json'), onMishap: () => {}, ...(clock ? { clock } : {}) });
}
