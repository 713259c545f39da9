// Finds out whether the program that has a port is an Ollama, by asking it what its clients ask first. Looks at loopback
// only, and takes nothing that it is told for more than a name.
import { get } from 'node:http';
import type { NameHolder } from './door.ts';

const PATIENCE_MS = 1_000;
const MOST_CHARACTERS = 4_096;

/** Names an Ollama with its version, or another Patchbay, which answers as one. */
export const nameOllama: NameHolder = async (host, port) => {
  if (!(await ask(host, port, '/'))?.startsWith('Ollama is running')) return undefined;
  const [health, version] = await Promise.all([ask(host, port, '/health'), ask(host, port, '/api/version')]);
  if (health === '{"status":"ok"}') return 'Another Patchbay';
  const [, number] = /"version"\s*:\s*"([\w.+-]{1,40})"/.exec(version ?? '') ?? [];
  return number === undefined ? 'Ollama itself' : `Ollama itself (version ${number})`;
};

/** The body of an answer of status 200; undefined where there is none in time. */
function ask(host: string, port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, agent: false, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > MOST_CHARACTERS) request.destroy();
      });
      response.on('close', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    // Node tells neither of an answer nor of an error then.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(undefined);
    });
    request.on('error', () => resolve(undefined));
  });
}
