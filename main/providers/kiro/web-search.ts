// One search of the web through Kiro's own tool server, which an account may use besides its models. Throws for what goes
// wrong; what a reply does about that is told in `searching.ts`.
import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../canonical/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import type { CallContext } from '../context.ts';
import type { KiroAccess, KiroLogins } from './access.ts';
import { findLegacyHost } from './endpoints.ts';
import { ID, readJsonObject, readText, readTime, SHARED_PROFILES } from './formats.ts';
import { writeControlHeaders } from './headers.ts';
import { findHost } from './hosts.ts';

/** One thing that was found. */
export interface SearchResult {
  readonly title: string;
  readonly url: string;
  readonly snippet?: string;
  /** In milliseconds since 1970. */
  readonly publishedAt?: number;
}

/** Searches with an account's login. Throws `GatewayError`. */
export type SearchWeb = (query: string, context: CallContext) => Promise<readonly SearchResult[]>;

const LIMIT_MS = 60_000;
const ANSWER_BYTES = 2 * 1024 ** 2;

/** The way to Kiro's search. */
export function createWebSearch({
  http,
  logins,
}: {
  readonly http: HttpClient;
  readonly logins: KiroLogins;
}): SearchWeb {
  return async (query, context) => {
    const { credential, signal } = context;
    const { account } = credential;
    let access = await logins.open(credential, signal);
    const { apiRegion } = access;
    const hosts = [
      ...new Set([findHost(account, 'runtime', apiRegion), findLegacyHost(account, 'runtime', apiRegion)]),
    ];
    let renewed = access.kind === 'api-key';
    for (;;) {
      const [host = ''] = hosts;
      try {
        return await searchAt(http, host, query, access, context);
      } catch (thrown) {
        const status = thrown instanceof GatewayError ? thrown.status : undefined;
        if ((status === 401 || status === 403) && !renewed) {
          renewed = true;
          access = await logins.renew(credential, access, signal);
        } else if ((status === 404 || status === 405) && hosts.length > 1) hosts.shift();
        else throw thrown;
      }
    }
  };
}

async function searchAt(
  http: HttpClient,
  host: string,
  query: string,
  access: KiroAccess,
  { credential: { account, proxy }, signal }: CallContext,
): Promise<readonly SearchResult[]> {
  const { kind, profileArn } = access;
  // The shared profile is refused here.
  const own: Record<string, string> =
    profileArn === undefined || profileArn === SHARED_PROFILES[kind] ? {} : { 'x-amzn-kiro-profile-arn': profileArn };
  const response = await http.open({
    method: 'POST',
    url: `${host}/mcp`,
    headers: {
      ...writeControlHeaders(access, account, 'ide', undefined),
      ...own,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      id: nameCall(),
      jsonrpc: '2.0',
      method: 'tools/call',
      params: { name: 'web_search', arguments: { query } },
    }),
    signal,
    proxy,
    firstByteMs: LIMIT_MS,
    idleMs: LIMIT_MS,
  });
  const text = await response.text(ANSWER_BYTES);
  if (response.status !== 200) throw readErrorAnswer(response, text, ID);
  return readAnswer(text);
}

/** In the form that Kiro's own program gives such ids. */
function nameCall(): string {
  const digits = randomBytes(15).toString('hex');
  return `web_search_tooluse_${digits.slice(0, 22)}_${Date.now()}_${digits.slice(22, 30)}`;
}

function readAnswer(text: string): SearchResult[] {
  const body = readJsonObject(text) ?? {};
  const failure = asObject(body.error);
  const result = asObject(body.result);
  const [content] = Array.isArray(result.content) ? result.content : [];
  const said = readText(asObject(content), 'text');
  if (body.error !== undefined || result.isError === true) {
    throw fail(readText(failure, 'message') ?? said ?? 'no reason given');
  }
  const found = readJsonObject(said);
  if (found === undefined || !Array.isArray(found.results)) throw fail('its answer has an unknown form');
  return found.results.flatMap((entry: unknown) => {
    const fields = asObject(entry);
    const url = readText(fields, 'url');
    if (url === undefined) return [];
    const snippet = readText(fields, 'snippet');
    const publishedAt = readTime(fields.publishedDate);
    return [
      {
        title: readText(fields, 'title') ?? url,
        url,
        ...(snippet === undefined ? {} : { snippet }),
        ...(publishedAt === undefined ? {} : { publishedAt }),
      },
    ];
  });
}

const fail = (why: string) => new GatewayError('upstream', `Kiro's web search failed: ${why}`, { provider: ID });

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
