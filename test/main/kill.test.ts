// kill -9 in the middle of writing: what was kept is there, nothing is broken, and the folder is free at once.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openFileVault } from '../../main/credentials/file-vault.ts';
import { openDataFolder } from '../../main/data-folder.ts';
import { createSettingsStore } from '../../main/settings-store.ts';
import { STORE_WRITER } from '../support/bundled-programs.ts';
import { killAfter } from '../support/kill-after.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

test('settings and secrets survive a Patchbay that is killed while it writes them, again and again', async () => {
  const environment = { PATCHBAY_DATA_DIR: makeTempFolder() };
  for (const rounds of [3, 11, 20]) {
    const kept = await killAfter(rounds, [fileURLToPath(STORE_WRITER)], environment, (pid) => {
      expect(() => openDataFolder({ environment })).toThrow(`process ${pid}`);
    });
    const folder = openDataFolder({ environment });
    const store = createSettingsStore({ dataFolder: folder.path });
    const vault = await openFileVault({ dataFolder: folder.path, environment: {} });
    expect([store.mishap, vault.mishap]).toEqual([undefined, undefined]);
    expect(store.read().keepAliveMs).toBeGreaterThanOrEqual(100 + kept);
    expect(Number((await vault.read('round'))?.split(':')[0])).toBeGreaterThanOrEqual(kept);
    expect(readdirSync(folder.path).sort()).toEqual(['patchbay.lock', 'secrets.enc', 'secrets.key', 'settings.json']);
    folder.release();
  }
});
