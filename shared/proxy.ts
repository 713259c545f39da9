// Addresses of proxies as a person writes them: `socks5://user:password@host:1080`. Reads, writes and hides; connects nothing.

/** Where a proxy is, how it is spoken to, and who asks. */
export interface ProxyAddress {
  /** `https` is an HTTP proxy that is itself reached over TLS. */
  readonly scheme: 'http' | 'https' | 'socks5';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

/** What is wrong with a text that `readProxy` cannot read, as the end of a sentence. */
export const NO_PROXY_ADDRESS =
  'must look like http://host:3128, https://host:443 or socks5://host:1080, with user:password@ before the host where the proxy wants them';

const FORM = /^(https?|socks5h?):\/\/(?:(.*)@)?(\[[0-9a-f:.]+\]|[^\s@/:?#[\]]+)(?::(\d{1,5}))?\/?$/is;
const PORTS: Readonly<Record<ProxyAddress['scheme'], number>> = { http: 80, https: 443, socks5: 1080 };

/** The address; undefined where the text is none. Signs that a URL cannot hold may stand in the password as they are. */
export function readProxy(text: string): ProxyAddress | undefined {
  const [, name, login, host = '', digits] = FORM.exec(text.trim()) ?? [];
  if (name === undefined || /[\r\n\0]/.test(text)) return undefined;
  // `socks5h` is what some call SOCKS5 with names looked up by the proxy: here they always are.
  const scheme = name.toLowerCase().replace('socks5h', 'socks5') as ProxyAddress['scheme'];
  const port = digits === undefined ? PORTS[scheme] : Number(digits);
  if (port < 1 || port > 65535 || !URL.canParse(`http://${host}`)) return undefined;
  const { hostname } = new URL(`http://${host}`);
  return { scheme, host: hostname.replace(/^\[|\]$/g, ''), port, ...readLogin(login) };
}

/** The address in full, password and all; `readProxy` reads the same from it. */
export function writeProxy({ scheme, host, port, user, password }: ProxyAddress): string {
  const name = user === undefined ? '' : encodeURIComponent(user);
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const login = name + secret === '' ? '' : `${name}${secret}@`;
  return `${scheme}://${login}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The address as it may be shown and stored: without its password. */
export function nameProxy({ password: _, ...address }: ProxyAddress): string {
  return writeProxy(address);
}

/** Everything in the address that must not be shown, in every form in which it travels. */
export function listProxySecrets(text: string): string[] {
  const { user = '', password } = readProxy(text) ?? {};
  if (password === undefined || password === '') return [];
  const login = new TextEncoder().encode(`${user}:${password}`);
  return [password, encodeURIComponent(password), btoa(String.fromCharCode(...login))];
}

/**
 * What is to be stored of what a person has written: the address without its password, and the whole as a secret. A whole that
 * is absent means that the one of `before` stays (the same address without a password was written again) or that there is none.
 */
export function splitProxy(
  text: string,
  before?: string,
): { address: string; whole?: string; kept: boolean } | undefined {
  const read = readProxy(text);
  if (read === undefined) return undefined;
  const address = nameProxy(read);
  if (read.password !== undefined) return { address, whole: writeProxy(read), kept: false };
  return { address, kept: address === before };
}

function readLogin(login: string | undefined): Pick<ProxyAddress, 'user' | 'password'> {
  if (login === undefined || login === '') return {};
  const colon = login.indexOf(':');
  if (colon < 0) return { user: decode(login) };
  const password = decode(login.slice(colon + 1));
  return { user: decode(login.slice(0, colon)), ...(password === '' ? {} : { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
