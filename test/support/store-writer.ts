// Opens the data folder and changes settings and secrets without end, until it is killed. Tells each round that is kept.
import { openFileVault } from '../../main/credentials/file-vault.ts';
import { openDataFolder } from '../../main/data-folder.ts';
import { createSettingsStore } from '../../main/settings-store.ts';

const folder = openDataFolder({ environment: process.env });
const store = createSettingsStore({ dataFolder: folder.path });
const vault = await openFileVault({ dataFolder: folder.path, environment: {} });
for (let round = 1; ; round += 1) {
  store.change({ keepAliveMs: 100 + round });
  await vault.write('round', `${round}:${'x'.repeat((round % 7) * 3000)}`);
  process.stdout.write(`${round}\n`);
}
