// The headers of every call to Kiro, as data. Its hosts are private: they decide by these which client is calling and refuse
// what fits none. Each is sent because a call without it, or with another client's, is refused or answered differently;
// none hides who the account is, and the fingerprint is the account's own and never changes.
import { randomUUID } from 'node:crypto';
import { release } from 'node:os';
import type { Account } from '../../credentials/credential.ts';
import type { KiroAccess } from './access.ts';
import type { CallStyle, KiroClient } from './endpoints.ts';

/** Which releases of Kiro's clients the calls are written like. */
interface Versions {
  /** Of the IDE. */
  readonly ide: string;
  /** Of the command line. */
  readonly cli: string;
}

/** Seen working in 2026-08; an account may name others (`ideVersion`, `cliVersion`) when these are refused. */
const VERSIONS: Versions = { ide: '1.0.0', cli: '2.14.2' };
/** Amazon's SDKs inside these clients; they go with the forms of the requests, not with the releases. */
const JS_SDK = '1.0.34';
const RUST_SDK = '1.3.15';
const RUST = '1.92.0';
const RUST_API = '0.1.17975';

const OS_NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macos', win32: 'windows' };

/** How often a request may be sent, as far as the upstream is told; Amazon's clients say the same. */
const MOST_ATTEMPTS = 3;

/** The headers of a request for a reply; `attempt` counts from 1. */
export function writeCallHeaders(
  access: KiroAccess,
  account: Pick<Account, 'values'>,
  style: CallStyle,
  attempt: number,
  profileArn: string | undefined,
): Record<string, string> {
  return {
    ...writeIdentity(access),
    ...writeAgents(style.client, access, account, 'streaming'),
    ...writeAttempt(attempt, Math.max(attempt, MOST_ATTEMPTS)),
    'content-type': style.contentType,
    ...(style.target === undefined ? {} : { 'x-amz-target': style.target }),
    accept: 'application/vnd.amazon.eventstream',
    // Asks that the conversation is not kept to make the service better; Kiro's own clients send it where a person opts out.
    'x-amzn-codewhisperer-optout': 'true',
    ...(style.client === 'ide' ? { 'x-amzn-kiro-agent-mode': 'vibe' } : {}),
    ...(profileArn === undefined ? {} : { 'x-amzn-kiro-profile-arn': profileArn }),
  };
}

/** The headers of a look-up (models, quota); `target` where the address does not name the operation. */
export function writeControlHeaders(
  access: Pick<KiroAccess, 'kind' | 'token'> & Partial<Pick<KiroAccess, 'fingerprint'>>,
  account: Pick<Account, 'values'>,
  client: KiroClient,
  target: string | undefined,
): Record<string, string> {
  return {
    ...writeIdentity(access),
    ...writeAgents(client, access, account, 'runtime'),
    ...writeAttempt(1, 1),
    accept: 'application/json',
    ...(target === undefined ? {} : { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }),
  };
}

/** Who pays, and how the token is to be read: without its kind a key is taken for a token that is broken. */
function writeIdentity({ kind, token }: Pick<KiroAccess, 'kind' | 'token'>): Record<string, string> {
  const authorization = { authorization: `Bearer ${token}` };
  if (kind === 'api-key') return { ...authorization, tokentype: 'API_KEY' };
  if (kind === 'external-idp') return { ...authorization, tokentype: 'EXTERNAL_IDP' };
  return authorization;
}

/** The hosts answer by client: which forms they take and which models they list hangs on these two. */
function writeAgents(
  client: KiroClient,
  { fingerprint }: Partial<Pick<KiroAccess, 'fingerprint'>>,
  { values }: Pick<Account, 'values'>,
  plane: 'streaming' | 'runtime',
): Record<string, string> {
  const ide = values.ideVersion ?? VERSIONS.ide;
  const cli = values.cliVersion ?? VERSIONS.cli;
  if (client === 'ide') {
    const api = plane === 'streaming' ? `codewhispererstreaming#${JS_SDK}` : 'codewhispererruntime#1.0.0';
    const mode = plane === 'streaming' ? 'm/E' : 'm/N,E';
    const os = `${OS_NAMES[process.platform] === 'macos' ? 'macos' : process.platform}#${release()}`;
    const program = ['KiroIDE', ide, fingerprint].filter(Boolean).join('-');
    return {
      'user-agent': `aws-sdk-js/${JS_SDK} ua/2.1 os/${os} lang/js md/nodejs#${process.versions.node} api/${api} ${mode} ${program}`,
      'x-amz-user-agent': `aws-sdk-js/${JS_SDK} ${program}`,
    };
  }
  const os = OS_NAMES[process.platform] ?? 'linux';
  const api = plane === 'streaming' ? `codewhispererstreaming/${RUST_API}` : `codewhispererruntime/${RUST_API}`;
  const write = (version: string) =>
    `aws-sdk-rust/${RUST_SDK} ua/2.1 api/${api} os/${os} lang/rust/${RUST} ${version}m/F app/AmazonQ-For-CLI`;
  return { 'user-agent': write(`md/appVersion-${cli} `), 'x-amz-user-agent': write('') };
}

/** Amazon's own counting of tries; the id tells one call from a repeated one. */
function writeAttempt(number: number, most: number): Record<string, string> {
  return { 'amz-sdk-invocation-id': randomUUID(), 'amz-sdk-request': `attempt=${number}; max=${most}` };
}
