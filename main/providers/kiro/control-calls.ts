// Look-ups on Kiro's control plane: models and quota. The same operation is served in several forms by two generations of
// hosts; the forms are tried in order, and the one that answered is asked first the next time. Spends nothing.
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { HttpClient } from '../../http/client.ts';
import type { KiroAccess, KiroLogins } from './access.ts';
import { callControl } from './control-host.ts';
import { findLegacyHost, isDeadEndpoint, type KiroClient } from './endpoints.ts';
import { ID, JUST_RENEWED, SHARED_PROFILES } from './formats.ts';
import { findHost } from './hosts.ts';

/** A look-up that the control plane answers. */
export interface ControlOperation {
  readonly name: 'ListAvailableModels' | 'GetUsageLimits';
  /** What follows the host where the newer host is asked by address. */
  readonly path: string;
  /** The same for the older host. */
  readonly legacyPath: string;
  /** What is asked besides origin and profile, in the manner of each client. */
  readonly ask: Readonly<Record<KiroClient, Readonly<Record<string, string>>>>;
}

/** Asks; `more` is added to the question. Throws `GatewayError` where no form is answered. */
export type AskControl = (
  operation: ControlOperation,
  context: { readonly credential: Credential; readonly signal: AbortSignal },
  more?: Readonly<Record<string, string>>,
) => Promise<Readonly<Record<string, unknown>>>;

/** What look-ups are made with. */
export interface ControlServices {
  readonly http: HttpClient;
  readonly logins: KiroLogins;
}

interface ControlForm {
  readonly id: string;
  readonly legacy: boolean;
  /** Asked with a body and the operation's name in a header; otherwise by address and query. */
  readonly service: string | undefined;
  readonly client: KiroClient;
}

/** The newer host first; where the sources have seen answers most often. */
const FORMS: readonly ControlForm[] = [
  { id: 'management-root', legacy: false, service: 'KiroControlPlaneBearerService', client: 'cli' },
  { id: 'management-path', legacy: false, service: undefined, client: 'cli' },
  { id: 'legacy-path', legacy: true, service: undefined, client: 'ide' },
  { id: 'legacy-root', legacy: true, service: 'AmazonCodeWhispererService', client: 'cli' },
];
const ORIGINS: Readonly<Record<KiroClient, string>> = { ide: 'AI_EDITOR', cli: 'KIRO_CLI' };
const LIMIT_MS = 20_000;

/** The way to the control plane. */
export function createControl({ http, logins }: ControlServices): AskControl {
  /** The form that answered, by account and operation. */
  const worked = new Map<string, string>();

  return async (operation, { credential, signal }, more = {}) => {
    const { account } = credential;
    const key = `${account.id} ${operation.name}`;
    const forms = FORMS.toSorted((a, b) => Number(b.id === worked.get(key)) - Number(a.id === worked.get(key)));
    let access = await logins.open(credential, signal);
    let renewed = false;
    let first: GatewayError | undefined;
    for (let at = 0; at < forms.length; ) {
      const form = forms[at] as ControlForm;
      try {
        const answer = await askOnce(http, operation, form, { access, credential, signal, more });
        worked.set(key, form.id);
        return answer;
      } catch (thrown) {
        const error = readError(thrown);
        if (isFinal(error, signal)) throw error;
        const refused = error.status === 401 || error.status === 403;
        if (refused && !renewed && access.kind !== 'api-key') {
          renewed = true;
          const again = await renewUnlessNew(logins, credential, access, signal);
          if (again !== undefined) {
            access = again;
            continue;
          }
        }
        first ??= error;
        at += 1;
      }
    }
    throw first ?? new GatewayError('internal', 'There was no form to ask in.', { provider: ID });
  };
}

/** Another login; undefined where it is new already, so that the form or the profile is what was refused. */
async function renewUnlessNew(logins: KiroLogins, credential: Credential, access: KiroAccess, signal: AbortSignal) {
  try {
    return await logins.renew(credential, access, signal);
  } catch (thrown) {
    if (readError(thrown).code === JUST_RENEWED) return undefined;
    throw thrown;
  }
}

/** What another form would not mend: the person has left, the account is told to wait, the host is closed to it. */
function isFinal({ kind, status, message, code }: GatewayError, signal: AbortSignal): boolean {
  if (signal.aborted || kind === 'aborted' || status === 429) return true;
  if (/suspend|locked your account/i.test(message)) return true;
  return status === undefined && kind !== 'timeout' && kind !== 'upstream' && !isDeadEndpoint(code);
}

interface Asked {
  readonly access: KiroAccess;
  readonly credential: Credential;
  readonly signal: AbortSignal;
  readonly more: Readonly<Record<string, string>>;
}

async function askOnce(
  http: HttpClient,
  operation: ControlOperation,
  { legacy, service, client }: ControlForm,
  { access, credential, signal, more }: Asked,
): Promise<Readonly<Record<string, unknown>>> {
  const { account } = credential;
  const profileArn = chooseProfile(access, legacy);
  const fields = {
    origin: ORIGINS[client],
    ...operation.ask[client],
    ...(profileArn === undefined ? {} : { profileArn }),
    ...more,
  };
  const host = legacy
    ? findLegacyHost(account, 'management', access.apiRegion)
    : findHost(account, 'management', access.apiRegion);
  const target = service === undefined ? undefined : `${service}.${operation.name}`;
  const path = legacy ? operation.legacyPath : operation.path;
  return await callControl(http, {
    name: operation.name,
    url: target === undefined ? `${host}${path}?${new URLSearchParams(fields)}` : `${host}/`,
    ...(target === undefined ? {} : { target, body: writeNumbers(fields) }),
    client,
    access,
    credential,
    signal,
    limitMs: LIMIT_MS,
  });
}

/** The newer host wants a profile of everybody but keys, the shared one included; the older one takes only an own one. */
function chooseProfile({ kind, profileArn }: KiroAccess, legacy: boolean): string | undefined {
  if (kind === 'api-key') return undefined;
  const shared = SHARED_PROFILES[kind];
  if (legacy) return profileArn === shared ? undefined : profileArn;
  return profileArn ?? shared;
}

/** Numbers and truths are written as such in a body, and as text in an address. */
function writeNumbers(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      /^(\d{1,6}|true|false)$/.test(value) ? JSON.parse(value) : value,
    ]),
  );
}
