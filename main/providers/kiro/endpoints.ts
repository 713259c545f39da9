// In which ways a request for a reply can reach Kiro, for each kind of login, in the order in which they are tried. The
// sources disagree on which host takes which form, so a way says it all at once: address, form, the client in whose manner
// the request is written, and which profile it names. Nothing of one way is ever mixed with another.
import type { Account } from '../../credentials/credential.ts';
import type { KiroAccess } from './access.ts';
import { SHARED_PROFILES } from './formats.ts';
import { findHost } from './hosts.ts';

/** The client of Kiro's own in whose manner a request is written: its hosts take no other headers and fields. */
export type KiroClient = 'ide' | 'cli';

/** One form of a request for a reply. */
export interface CallStyle {
  readonly id: 'runtime-root-ide' | 'runtime-root-cli' | 'runtime-path-cli' | 'legacy-path-ide' | 'legacy-root-cli';
  readonly client: KiroClient;
  readonly contentType: string;
  /** `x-amz-target`, where the address does not name the operation. */
  readonly target?: string;
  /** How the body is written: who speaks, which fields about the agent there are, whether old messages name the model. */
  readonly flavour: {
    readonly origin: 'AI_EDITOR' | 'KIRO_CLI';
    readonly agentFields: 'none' | 'task';
    readonly modelInHistory: boolean;
  };
}

/** One way: a form, at an address, with or without a profile. */
export interface CallWay {
  /** Unique among the ways of a login; remembered for the account when it has worked. */
  readonly id: string;
  readonly style: CallStyle;
  readonly url: string;
  readonly profileArn?: string;
}

/** What a refusal says about the way that was taken: `either` where it may be one as well as the other. */
export type Suspicion = 'endpoint' | 'profile' | 'either';

const TARGET = 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse';
const AWS_JSON = 'application/x-amz-json-1.0';
const PATH = '/generateAssistantResponse';
const IDE = {
  client: 'ide',
  flavour: { origin: 'AI_EDITOR', agentFields: 'none', modelInHistory: true },
} as const;
const CLI = {
  client: 'cli',
  flavour: { origin: 'KIRO_CLI', agentFields: 'task', modelInHistory: false },
} as const;

const STYLES: Readonly<Record<CallStyle['id'], CallStyle>> = {
  'runtime-root-ide': { id: 'runtime-root-ide', ...IDE, contentType: AWS_JSON, target: TARGET },
  'runtime-root-cli': { id: 'runtime-root-cli', ...CLI, contentType: AWS_JSON, target: TARGET },
  'runtime-path-cli': { id: 'runtime-path-cli', ...CLI, contentType: 'application/json' },
  'legacy-path-ide': { id: 'legacy-path-ide', ...IDE, contentType: 'application/json' },
  'legacy-root-cli': { id: 'legacy-root-cli', ...CLI, contentType: AWS_JSON, target: TARGET },
};

/** The host of before; still answering, and the only one that some sources trust with API keys. */
const LEGACY_HOST = 'https://q.{region}.amazonaws.com';

/** The address of Kiro's older host; one that the account puts in the place of the newer one stands for both. */
export function findLegacyHost(account: Pick<Account, 'endpoints'>, name: 'runtime' | 'management', region: string) {
  return findHost({ endpoints: { [name]: account.endpoints[name] ?? LEGACY_HOST } }, name, region);
}

/** The ways for a login, the likeliest first. Throws `GatewayError` where its region is none. */
export function listCallWays(access: KiroAccess, account: Pick<Account, 'endpoints'>): readonly CallWay[] {
  const { kind, apiRegion, profileArn: own } = access;
  const runtime = findHost(account, 'runtime', apiRegion);
  const legacy = findLegacyHost(account, 'runtime', apiRegion);
  const shared = SHARED_PROFILES[kind];
  const way = (id: CallStyle['id'], profileArn: string | undefined): CallWay => {
    const host = id.startsWith('legacy') ? legacy : runtime;
    const whose = profileArn === undefined ? 'none' : profileArn === shared ? 'shared' : 'own';
    const url = host + (id.includes('path') ? PATH : '/');
    return { id: `${id}:${whose}`, style: STYLES[id], url, ...(profileArn === undefined ? {} : { profileArn }) };
  };
  switch (kind) {
    case 'api-key':
      // A key brings its profile along; one that is named beside it is refused.
      return [way('legacy-root-cli', undefined), way('runtime-root-cli', undefined)];
    case 'builder-id': {
      const arn = own ?? shared;
      const first = own === undefined || own === shared ? [] : [way('runtime-root-ide', own)];
      const rest = [way('runtime-path-cli', arn), way('legacy-path-ide', arn)];
      return [...first, way('runtime-root-ide', shared), way('runtime-root-cli', undefined), ...rest];
    }
    default: {
      const arn = own ?? shared;
      return [way('runtime-root-ide', arn), way('runtime-path-cli', arn), way('legacy-path-ide', arn)];
    }
  }
}

/** The ways with the one that worked last before all others. */
export function orderWays(ways: readonly CallWay[], worked: string | undefined): readonly CallWay[] {
  return ways.toSorted((one, other) => Number(other.id === worked) - Number(one.id === worked));
}

/** The next way that differs in what is suspected; undefined where none is left. */
export function findNextWay(ways: readonly CallWay[], failed: CallWay, suspicion: Suspicion): CallWay | undefined {
  const left = ways.slice(ways.findIndex(({ id }) => id === failed.id) + 1);
  switch (suspicion) {
    case 'endpoint':
      // Another address or form before another client at the same one.
      return (
        left.find(({ url, style }) => url !== failed.url || style.contentType !== failed.style.contentType) ??
        left.find(({ style }) => style.id !== failed.style.id)
      );
    case 'profile':
      return left.find(({ profileArn }) => profileArn !== failed.profileArn);
    case 'either':
      return left[0];
    default:
      return suspicion satisfies never;
  }
}

const NO_CONNECTION: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Whether the code of a failed connection says that there is nobody at this address. */
export function isDeadEndpoint(code: string | undefined): boolean {
  return code !== undefined && NO_CONNECTION.has(code);
}
