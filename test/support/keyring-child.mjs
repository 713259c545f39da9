// Calls the real keychain package for a test: one JSON line in, one JSON line out. Run inside a D-Bus session of its own.
import { createInterface } from 'node:readline';
import keytar from 'keytar/keytar.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { id, call, parameters } = JSON.parse(line);
  const answer = await keytar[call](...parameters).then(
    (result) => ({ id, result }),
    (error) => ({ id, error: error.message }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
