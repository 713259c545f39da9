// The environment and the arguments that the program is started with: the account's credential, and nothing of this
// machine's own Claude settings, hooks, memories or tools.
import { join } from 'node:path';
import { readProxy } from '../../../shared/proxy.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import { isOwnMachine, OWN_HOSTS } from '../../http/own-machine.ts';
import { ID, TOOL_SERVER } from './names.ts';

/** The sign-in methods of this provider. */
export type Method = 'login' | 'key' | 'token';

/** Inherited variables that would change what the program does or whom it asks. */
const NOT_INHERITED =
  /^(CLAUDE|ANTHROPIC|PATCHBAY_|MCP_|BUN_|ELECTRON_|NODE_OPTIONS$|DISABLE_|ENABLE_|BASH_|MAX_THINKING|MAX_MCP|API_TIMEOUT|IS_SANDBOX$)/i;

/** How a program is used, as far as its environment depends on it. */
export interface Use {
  /** How often it may ask its upstream again by itself. */
  readonly retries: number;
  /** It works as an agent: with the person's home, and with its secret on descriptor 3 where that can be. */
  readonly agent?: { readonly hidesSecret: boolean };
}

/** Arguments for pure-model use: lines of JSON both ways, no tools, no settings, no sessions. */
export function writeArguments(method: Method, model?: string): string[] {
  return [
    ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
    ...['--include-partial-messages', '--no-session-persistence', '--setting-sources', '', '--strict-mcp-config'],
    ...['--disable-slash-commands', '--permission-mode', 'dontAsk', '--tools', ''],
    // The client's own tools: the program runs none of them, but would refuse the model what it may not run.
    `--allowedTools=mcp__${TOOL_SERVER}__*`,
    // The upstream's own words about a failure appear nowhere else. Only errors are written, and nothing to a file.
    '--debug-to-stderr',
    // Tells the model least about this machine, but knows no login.
    ...(method === 'key' ? ['--bare'] : []),
    // As an argument it is neither probed with a request of its own nor mentioned in the conversation.
    ...(model === undefined ? [] : [`--model=${model}`]),
  ];
}

/** Folders that the program may use. */
export interface Folders {
  /** Replaces the person's home for accounts that bring their own credential. */
  readonly home: string;
  /** For temporary files; emptied afterwards. */
  readonly temporary: string;
}

/**
 * The whole environment of the program for one account; `account.env` has the last word. Throws `GatewayError` for a proxy that
 * the program cannot use.
 */
export function writeEnvironment(
  { account, secrets, proxy }: Credential,
  folders: Folders,
  inherited: Readonly<Record<string, string | undefined>>,
  { retries, agent }: Use = { retries: 0 },
): Record<string, string> {
  const method = readMethod(account.method);
  const secret = readSecret(method, secrets);
  // The account's own secret may have come from a variable of any name.
  const kept = Object.entries(inherited).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && entry[1] !== secret && !NOT_INHERITED.test(entry[0]),
  );
  const environment: Record<string, string> = {
    ...Object.fromEntries(kept),
    ...OWN,
    ...writeRetries(retries, agent !== undefined),
    TMPDIR: folders.temporary,
    TEMP: folders.temporary,
    TMP: folders.temporary,
    ...(method === 'login' ? writeLogin(account.values.configDir) : writeOwnHome(folders.home, agent !== undefined)),
    ...writeSecret(method, secrets, agent?.hidesSecret === true),
    ...(account.endpoints.anthropic ? { ANTHROPIC_BASE_URL: account.endpoints.anthropic } : {}),
    ...(proxy === undefined ? {} : writeProxies(proxy)),
    ...account.env,
  };
  if (environment.HTTPS_PROXY === proxy && proxy !== undefined) refuseSocks(proxy, environment.ANTHROPIC_BASE_URL);
  return { ...environment, ...writeNoProxy(environment) };
}

/** The method by its name; an account of the configuration file may name none and is then read by what it brings. */
export function readMethod(method: string): Method {
  return method === 'login' || method === 'token' ? method : 'key';
}

const OWN: Readonly<Record<string, string>> = {
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  // `@/path` in a text would otherwise put that file into the prompt.
  CLAUDE_CODE_DISABLE_ATTACHMENTS: '1',
  // An old model name would otherwise be answered by another model.
  CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP: '1',
  CLAUDE_CODE_SKIP_MCP_DEBUG_LOG_FILES: '1',
  // The client's tools go to the upstream as they are: all of them at once, their descriptions in full.
  ENABLE_TOOL_SEARCH: 'false',
  CLAUDE_CODE_MAX_MCP_DESCRIPTION_LENGTH: '1000000',
  CLAUDE_CODE_DEBUG_LOG_LEVEL: 'error',
  // Puts the headers of a refused call on the standard error: `retry-after` appears nowhere else.
  ANTHROPIC_LOG: 'debug',
};

function writeLogin(configDir: string | undefined): Record<string, string> {
  return configDir ? { CLAUDE_CONFIG_DIR: configDir } : {};
}

/** What an agent runs, such as git, needs the settings in the person's own home. */
function writeOwnHome(home: string, isAgent: boolean): Record<string, string> {
  const own = { CLAUDE_CONFIG_DIR: join(home, '.claude') };
  return isAgent ? own : { HOME: home, USERPROFILE: home, ...own };
}

/** The secret that goes with a sign-in method; undefined where the program has a login of its own. */
export function readSecret(method: Method, secrets: Credential['secrets']): string | undefined {
  return (method === 'login' ? undefined : method === 'key' ? secrets.key : secrets.token) || undefined;
}

function writeSecret(method: Method, secrets: Credential['secrets'], isHidden: boolean): Record<string, string> {
  const secret = readSecret(method, secrets);
  if (secret === undefined) return {};
  const name = method === 'key' ? 'ANTHROPIC_API_KEY' : 'CLAUDE_CODE_OAUTH_TOKEN';
  const hidden = method === 'key' ? 'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR' : `${name}_FILE_DESCRIPTOR`;
  return isHidden ? { [hidden]: '3' } : { [name]: secret };
}

function writeRetries(retries: number, isAgent: boolean): Record<string, string> {
  // With work in the background a turn could end more than once.
  if (isAgent) return { CLAUDE_CODE_MAX_RETRIES: String(retries), CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1' };
  // One more is announced but never made: the announcement tells how long the upstream asks to wait.
  return { CLAUDE_CODE_MAX_RETRIES: String(retries + 1) };
}

/** In every spelling that programs look for; what the machine itself has set counts no more, exceptions included. */
function writeProxies(proxy: string): Record<string, string> {
  const own = { HTTPS_PROXY: proxy, https_proxy: proxy, HTTP_PROXY: proxy, http_proxy: proxy };
  return { ...own, ALL_PROXY: '', all_proxy: '', NO_PROXY: '', no_proxy: '' };
}

/** The program would say no more than "UnsupportedProxyProtocol". Its upstream on this machine is not asked through a proxy. */
function refuseSocks(proxy: string, baseUrl: string | undefined): void {
  if (readProxy(proxy)?.scheme !== 'socks5') return;
  if (baseUrl !== undefined && URL.canParse(baseUrl) && isOwnMachine(new URL(baseUrl).hostname)) return;
  const advice = 'Give this account an HTTP proxy of its own: one that leads to the same network.';
  const message = `Claude Code cannot go through a SOCKS5 proxy, and is not started without one. ${advice}`;
  throw new GatewayError('invalid-request', message, { provider: ID, code: 'proxy_kind', retryable: false });
}

/** A proxy of the person's would be asked even for an address on this machine. */
function writeNoProxy(environment: Readonly<Record<string, string>>): Record<string, string> {
  const named = environment.NO_PROXY || environment.no_proxy;
  const all = [named, ...OWN_HOSTS].filter((host) => host !== undefined && host !== '').join(',');
  return { NO_PROXY: all, no_proxy: all };
}
