// Opens the vault of a data folder as Patchbay does, obeys `[call, name, secret]` commands in order, and prints what came out.
import { openVault } from '../../main/credentials/vault.ts';
import { createSilentLogger } from './silent-logger.ts';

const [dataFolder = '', commands = '[]'] = process.argv.slice(2);
const vault = await openVault({ dataFolder, environment: process.env, logger: createSilentLogger() });
const read: (string | undefined)[] = [];
for (const [call, name, secret] of JSON.parse(commands)) {
  if (call === 'write') await vault.write(name, secret);
  else if (call === 'remove') await vault.remove(name);
  else read.push(await vault.read(name));
}
process.stdout.write(JSON.stringify({ kind: vault.kind, detail: vault.detail, read: read.map(String) }));
