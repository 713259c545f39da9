// Finding the profile of an account by asking Kiro, in the styles and regions that its hosts are known to answer in.
import { GatewayError } from '../../canonical/errors.ts';
import type { Account } from '../../credentials/credential.ts';
import type { HttpClient } from '../../http/client.ts';
import type { KiroLoginKind } from './access.ts';
import { callControl } from './control-host.ts';
import { findLegacyHost } from './endpoints.ts';
import { API_REGIONS, ID, readProfileArn, readText } from './formats.ts';
import { findHost } from './hosts.ts';

/** A profile that the account may use. */
export interface Profile {
  readonly arn: string;
  readonly name?: string;
  /** The region whose host named it. */
  readonly region: string;
}

/** Whose profiles are wanted. */
export interface ProfileQuestion {
  readonly http: HttpClient;
  readonly account: Account;
  /** As the account's credential has it. */
  readonly proxy: string | undefined;
  readonly kind: KiroLoginKind;
  readonly token: string;
  /** The region to begin with. */
  readonly region: string;
  /** Only that region counts: the person has named it. */
  readonly fixed: boolean;
  readonly signal: AbortSignal;
}

interface Style {
  url(account: Account, region: string): string;
  readonly target?: string;
}

const TARGET = 'AmazonCodeWhispererService.ListAvailableProfiles';

const STYLES: readonly Style[] = [
  { url: (account, region) => `${findHost(account, 'management', region)}/`, target: TARGET },
  { url: (account, region) => `${findHost(account, 'management', region)}/List-Available-Profiles` },
];
/** The host of before; only where the account does not name hosts of its own. */
const LEGACY: Style = { url: (account, region) => `${findLegacyHost(account, 'management', region)}/`, target: TARGET };

const LIMIT_MS = 8_000;
const MOST_PAGES = 10;

/**
 * The profiles of the first region that has any; empty where none has. Throws `GatewayError` where no host could be asked, or
 * the token was refused everywhere.
 */
export async function listProfiles(question: ProfileQuestion): Promise<readonly Profile[]> {
  const { region, fixed } = question;
  const regions = fixed ? [region] : [...new Set([region, ...API_REGIONS])];
  let trouble: GatewayError | undefined;
  let answered = false;
  for (const at of regions) {
    try {
      const found = await askRegion(question, at);
      if (found.length > 0) return found;
      answered = true;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.kind === 'aborted') throw error;
      trouble ??= error;
    }
  }
  if (!answered && trouble !== undefined) throw trouble;
  return [];
}

/** Asks in one style after the other until one is understood. */
async function askRegion(question: ProfileQuestion, region: string): Promise<readonly Profile[]> {
  const styles = question.account.endpoints.management === undefined ? [...STYLES, LEGACY] : STYLES;
  let trouble: GatewayError | undefined;
  for (const style of styles) {
    try {
      return await askPages(question, region, style);
    } catch (error) {
      if (!(error instanceof GatewayError) || !isOtherStyleWorthIt(error)) throw error;
      trouble = error;
    }
  }
  throw trouble ?? new GatewayError('upstream', 'Kiro has no way to ask for profiles.', { provider: ID });
}

async function askPages(question: ProfileQuestion, region: string, style: Style): Promise<Profile[]> {
  const found: Profile[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const body = await ask(question, region, style, nextToken);
    const list = Array.isArray(body.profiles) ? body.profiles : [];
    for (const entry of list) {
      const object = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
      const arn = readProfileArn(readText(object, 'arn', 'profileArn'));
      const name = readText(object, 'profileName', 'name');
      if (arn !== undefined) found.push({ arn, region, ...(name === undefined ? {} : { name }) });
    }
    nextToken = readText(body, 'nextToken');
    if (nextToken === undefined) break;
  }
  return found;
}

/** In the manner of the command line, which has no fingerprint: the account may have none yet. */
function ask(
  { http, account, proxy, kind, token, signal }: ProfileQuestion,
  region: string,
  { url, target }: Style,
  nextToken: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  return callControl(http, {
    name: 'ListAvailableProfiles',
    url: url(account, region),
    ...(target === undefined ? {} : { target }),
    body: nextToken === undefined ? {} : { nextToken },
    client: 'cli',
    access: { kind, token },
    credential: { account, proxy },
    signal,
    limitMs: LIMIT_MS,
  });
}

/** Whether the host did not understand the question, or is not there, rather than refused it. */
function isOtherStyleWorthIt({ kind, status, code, message }: GatewayError): boolean {
  if (kind === 'aborted' || kind === 'timeout') return false;
  if (status === undefined || status === 404 || status === 405) return true;
  return /UnknownOperation|endpoint not found|unsupported endpoint|invalid signature/i.test(`${code} ${message}`);
}
