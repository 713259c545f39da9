// Reads the command line of the headless Patchbay. What it does not know is an error, never ignored.
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type HeadlessArguments =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'error'; readonly message: string }
  | {
      readonly type: 'run';
      readonly configFile: string | undefined;
      /** Wins over file and settings, like the variables it is passed on in. */
      readonly environment: Readonly<Record<string, string>>;
    };

/** Shown for `--help`. */
export const HEADLESS_HELP = `Patchbay without a desktop: the gateway, with its GUI in your browser.

  npm run headless -- [options]

  --config FILE   configuration as code (JSON); accounts and keys in it are added to those of the GUI
  --port N        port to listen on, instead of the one in settings or file (1-65535)
  --host ADDRESS  address to listen on; anything but 127.0.0.1 lets other machines in
  --version       print the version
  --help          print this

  PATCHBAY_DATA_DIR     folder for everything that Patchbay stores
  PATCHBAY_PORT, PATCHBAY_HOST   as --port and --host
  PATCHBAY_OLLAMA_PORT  opens a second door for clients that know Ollama's address only (11434)
  PATCHBAY_VAULT_KEY    passphrase of an encrypted file, used instead of any keychain
  PATCHBAY_LOG          error, warn, info or debug

  SIGTERM, SIGINT and SIGHUP stop it once running replies are finished; a second one stops it at once.
  SIGUSR2 prints a new link to the GUI.
`;

/** Reads the arguments after the program's name. */
export function readHeadlessArguments(list: readonly string[]): HeadlessArguments {
  try {
    const { values } = parseArgs({
      args: [...list],
      options: {
        config: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return { type: 'help' };
    if (values.version) return { type: 'version' };
    const { config, port, host } = values;
    if (config === '') return { type: 'error', message: '--config wants a file.' };
    if (host === '') return { type: 'error', message: '--host wants an address.' };
    if (port !== undefined && !isPort(port)) {
      return { type: 'error', message: `--port wants a number from 1 to 65535, not "${port}".` };
    }
    const environment: Record<string, string> = {};
    if (port !== undefined) environment.PATCHBAY_PORT = port;
    if (host !== undefined) environment.PATCHBAY_HOST = host;
    return { type: 'run', configFile: config, environment };
  } catch (error) {
    return { type: 'error', message: error instanceof Error ? firstSentence(error.message) : String(error) };
  }
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

/** Node adds advice on positional arguments, which Patchbay has none of. */
function firstSentence(message: string): string {
  return `${message.split(/\. |\n/)[0]?.replace(/\.$/, '')}.`;
}
