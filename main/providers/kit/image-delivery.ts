// Hands a picture on in the form that the client wants: fetches what is only a URL, writes base64 as a `data:` URL. A picture
// that cannot be changed is handed on as it is, for it has been paid for; the log says so.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { GeneratedImage } from '../../canonical/images.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import { isOwnMachine } from '../../http/own-machine.ts';
import type { CallContext, SingleContext } from '../context.ts';
import type { ProviderServices } from '../provider.ts';

/** Gives `image` in the form `delivery`; `baseUrl` is the upstream that made it. Throws only when the client has gone. */
export type DeliverImage = (
  image: GeneratedImage,
  delivery: 'url' | 'base64' | undefined,
  baseUrl: string,
  context: SingleContext,
) => Promise<GeneratedImage>;

const LIMIT_BYTES = 32 * 1024 ** 2;
const TIME_MS = 60_000;

/** How the base64 of a picture begins. */
const SIGNATURES = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const;

/** The media type that the bytes themselves show, where they do. */
export function readImageType(data: string): string | undefined {
  return SIGNATURES.find(([start]) => data.startsWith(start))?.[1];
}

/** The addresses that a host name stands for; none where it stands for nothing, which the fetch itself will tell. */
async function resolveName(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

/** Fetches the picture at `url` for the upstream at `baseUrl`. Throws `GatewayError` with a reason that follows a colon. */
export type FetchImage = (url: string, baseUrl: string, context: FetchContext) => Promise<Buffer>;

/** For whom a picture is fetched: through whose proxy, and until when. */
type FetchContext = Pick<CallContext, 'signal' | 'credential'>;

/** A fetcher whose fetches end after `timeMs` or `limitBytes`, and stay out of this network for upstreams elsewhere. */
export function createImageFetch(
  { http, limits }: Pick<ProviderServices, 'http' | 'limits'>,
  { limitBytes = LIMIT_BYTES, timeMs = TIME_MS, resolve = resolveName } = {},
): FetchImage {
  const fetchImage = async (url: URL, { signal, credential }: FetchContext): Promise<Buffer> => {
    const clock = new AbortController();
    const timer = setTimeout(() => {
      clock.abort(new GatewayError('timeout', `it took longer than ${timeMs / 1000} seconds`));
    }, timeMs);
    try {
      const response = await http.open({
        method: 'GET',
        url: url.href,
        signal: AbortSignal.any([signal, clock.signal]),
        proxy: credential.proxy,
        ...limits(),
      });
      return await readBytes(response, limitBytes);
    } finally {
      clearTimeout(timer);
    }
  };

  return async (url, baseUrl, context) => {
    // Behind a proxy names are the proxy's to look up: this machine asks nobody.
    const find = context.credential.proxy === undefined ? resolve : async () => [];
    return fetchImage(await checkUrl(url, baseUrl, find), context);
  };
}

/** A delivery over such fetches. */
export function createImageDelivery(
  services: Pick<ProviderServices, 'http' | 'limits'>,
  options: Parameters<typeof createImageFetch>[1] = {},
): DeliverImage {
  const fetchImage = createImageFetch(services, options);

  const readUrl = async (image: GeneratedImage, text: string, baseUrl: string, context: FetchContext) => {
    const inline = /^data:([^;,]*);base64,/.exec(text);
    if (inline !== null) {
      const data = text.slice(inline[0].length);
      return { ...image, source: { type: 'base64', data }, mediaType: inline[1] || image.mediaType } as const;
    }
    const data = (await fetchImage(text, baseUrl, context)).toString('base64');
    return { ...image, source: { type: 'base64', data }, mediaType: readImageType(data) } as const;
  };

  return async (image, delivery, baseUrl, context) => {
    const { signal, note } = context;
    const { source } = image;
    if (delivery === undefined || delivery === source.type) return image;
    if (source.type === 'base64') {
      note('The upstream sent the picture itself, not a URL; it was handed on as a data: URL.');
      return { ...image, source: { type: 'url', url: `data:${image.mediaType ?? 'image/png'};base64,${source.data}` } };
    }
    try {
      const read = await readUrl(image, source.url, baseUrl, context);
      note('The upstream sent a URL, not the picture; it was fetched and handed on as base64.');
      return read;
    } catch (thrown) {
      const error = readError(thrown);
      if (signal.aborted) throw error;
      note(`The upstream sent a URL, not the picture, and it could not be fetched: ${error.message}`);
      return image;
    }
  };
}

async function checkUrl(text: string, baseUrl: string, resolve: typeof resolveName): Promise<URL> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new GatewayError('upstream', 'its address is neither http nor https');
  }
  if (isNear(new URL(baseUrl).hostname)) return url;
  // A service elsewhere has no business in this network: what stands there is not its to have fetched, and anybody can
  // have a name that leads here.
  if (isNear(url.hostname) || (await resolve(url.hostname)).some(isNear))
    throw new GatewayError('upstream', 'its address is in this network, and the upstream is not');
  return url;
}

function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isIP(host) === 6) return /^(::|f[cd]|fe[89ab])/i.test(host);
  if (isIP(host) === 0) return isOwnMachine(host) || /\.(local|internal)$/.test(host);
  return /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(host);
}

async function readBytes({ status, headers, chunks }: UpstreamResponse, limitBytes: number): Promise<Buffer> {
  const type = String(headers['content-type'] ?? 'image/');
  const problem =
    status < 200 || status > 299
      ? `HTTP ${status}`
      : /^(image\/|application\/octet-stream|binary\/octet-stream)/.test(type)
        ? undefined
        : `it is ${type}`;
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    if (problem !== undefined) break;
    bytes += chunk.length;
    if (bytes > limitBytes) throw new GatewayError('upstream', `it is larger than ${limitBytes} bytes`);
    read.push(chunk);
  }
  if (problem !== undefined) throw new GatewayError('upstream', problem);
  return Buffer.concat(read);
}
