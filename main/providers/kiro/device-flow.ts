// Signing in with a code on a page: registration and device authorization of Amazon's OIDC service, and Kiro's own device flow for
// Google and GitHub. Knows the calls and their timing; what the person sees is told to `onCode`.
import { GatewayError } from '../../canonical/errors.ts';
import { type AuthAnswer, type AuthCall, describeAnswer, isPassing, post, readRenewal } from './auth-calls.ts';
import type { Pause } from './cli-database.ts';
import { BUILDER_ID_START, ID, readText, refuseLogin } from './formats.ts';
import { findHost } from './hosts.ts';
import { type LoginTokens, readTokens } from './tokens.ts';

/** What the person opens and compares. */
export interface DeviceCode {
  readonly url: string;
  readonly code: string | undefined;
}

/** What a device sign-in runs with. */
export interface DeviceCall extends AuthCall {
  readonly pause: Pause;
  readonly onCode: (code: DeviceCode) => void;
}

/** Where organisations are looked for whose region is not known. */
export const PROBED_REGIONS = [
  'us-east-1',
  'eu-west-1',
  'eu-central-1',
  'us-east-2',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'us-west-2',
];

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPES = ['codewhisperer:completions', 'codewhisperer:analysis', 'codewhisperer:conversations'];
/** The only name that Kiro's own device flow knows. */
const SOCIAL_CLIENT = 'kiro-cli';
/** How long a social login lives that nobody gave an end; the first renewal tells. */
const SOCIAL_LIFE_MS = 8 * 3600_000;
const SLOWER_MS = 5_000;
const LEAST_INTERVAL_MS = 1_000;
/** A network that comes and goes does not end a sign-in. */
const MOST_BLIPS = 5;

interface Device {
  readonly deviceCode: string;
  readonly intervalMs: number;
  readonly lifeMs: number;
}

/** Signs in with Builder ID or at an organisation's start page; without a region it is looked for. Throws `GatewayError`. */
export async function signInWithAmazon(
  call: DeviceCall,
  where: { readonly startUrl: string; readonly region: string | undefined },
): Promise<LoginTokens> {
  const { startUrl } = where;
  const regions = where.region === undefined ? PROBED_REGIONS : [where.region];
  const begun = await beginAnywhere(call, startUrl, regions);
  const { client, device, region, page } = begun;
  call.onCode(page);
  const body = { ...client, deviceCode: device.deviceCode, grantType: GRANT };
  const answer = await poll(call, device, () => post(call, `${findHost(call.account, 'oidc', region)}/token`, body));
  const renewed = readRenewal(answer, call.now());
  if (renewed?.refreshToken === undefined) throw refuseSignIn(`It gave no tokens (${describeAnswer(answer)}).`);
  const token = { ...renewed, ...client, startUrl, region };
  const provider = startUrl === BUILDER_ID_START ? 'BuilderId' : 'Enterprise';
  return { ...readTokens({ ...token, provider }), expiresAt: renewed.expiresAt };
}

/** Signs in with Google or GitHub. Throws `GatewayError`. */
export async function signInWithSocial(
  call: DeviceCall,
  provider: 'Google' | 'Github',
  region: string,
): Promise<LoginTokens> {
  const host = findHost(call.account, 'auth', region);
  const answer = await post(call, `${host}/oauth/device/authorization`, {
    clientId: SOCIAL_CLIENT,
    loginProvider: provider,
  });
  const { device, page } = readDevice(answer);
  call.onCode(page);
  const body = { clientId: SOCIAL_CLIENT, deviceCode: device.deviceCode };
  const end = await poll(call, device, () => post(call, `${host}/oauth/device/poll`, body));
  const tokens = readTokens({ ...end.body, region });
  if (tokens.accessToken === undefined || tokens.refreshToken === undefined) {
    throw refuseSignIn(`It gave no tokens (${describeAnswer(end)}).`);
  }
  const lifeMs = Number(end.body.expiresIn) * 1000 || SOCIAL_LIFE_MS;
  return { ...tokens, kind: 'social', provider: tokens.provider ?? provider, expiresAt: call.now() + lifeMs };
}

/** Registers and begins in the first region that knows the start page. */
async function beginAnywhere(call: DeviceCall, startUrl: string, regions: readonly string[]) {
  let trouble: GatewayError | undefined;
  for (const region of regions) {
    try {
      return { region, ...(await begin(call, startUrl, region)) };
    } catch (error) {
      if (!(error instanceof GatewayError) || call.signal.aborted) throw error;
      trouble ??= error;
    }
  }
  if (regions.length === 1 && trouble !== undefined) throw trouble;
  throw refuseSignIn(
    `No region knows the start page ${startUrl}. Check its address, or name the region. (${trouble?.message ?? ''})`,
  );
}

async function begin(call: DeviceCall, startUrl: string, region: string) {
  const host = findHost(call.account, 'oidc', region);
  const registered = await post(call, `${host}/client/register`, {
    clientName: 'Patchbay',
    clientType: 'public',
    scopes: SCOPES,
    grantTypes: [GRANT, 'refresh_token'],
    issuerUrl: startUrl,
  });
  const clientId = readText(registered.body, 'clientId');
  const clientSecret = readText(registered.body, 'clientSecret');
  if (clientId === undefined || clientSecret === undefined) throw refuseSignIn(describeAnswer(registered));
  const client = { clientId, clientSecret };
  return { client, ...readDevice(await post(call, `${host}/device_authorization`, { ...client, startUrl })) };
}

function readDevice(answer: AuthAnswer): { device: Device; page: DeviceCode } {
  const { body } = answer;
  const deviceCode = readText(body, 'deviceCode');
  const url = readText(body, 'verificationUriComplete', 'verificationUri');
  if (deviceCode === undefined || url === undefined) throw refuseSignIn(describeAnswer(answer));
  const intervalMs = readMs(body.intervalInMilliseconds, body.interval, 5_000);
  const lifeMs = readMs(body.expiresInMilliseconds, body.expiresIn, 300_000);
  return {
    device: { deviceCode, intervalMs: Math.max(intervalMs, LEAST_INTERVAL_MS), lifeMs },
    page: { url, code: readText(body, 'userCode') },
  };
}

/** Asks at the pace of the host until the person has decided. What an answer says counts, not its status. */
async function poll(call: DeviceCall, device: Device, ask: () => Promise<AuthAnswer>): Promise<AuthAnswer> {
  let { intervalMs } = device;
  let blips = 0;
  // Waits are added up instead of read from a clock: a machine that slept has not kept the person waiting.
  for (let waitedMs = 0; waitedMs <= device.lifeMs; ) {
    await call.pause(intervalMs, call.signal);
    waitedMs += intervalMs;
    call.signal.throwIfAborted();
    let answer: AuthAnswer;
    try {
      answer = await ask();
    } catch (error) {
      blips += 1;
      if (!(error instanceof GatewayError) || call.signal.aborted || blips > MOST_BLIPS) throw error;
      continue;
    }
    const verdict = judge(answer);
    if (verdict === 'done') return answer;
    if (verdict === 'slower') intervalMs += SLOWER_MS;
    if (verdict === 'expired') break;
    if (verdict === 'again') blips += 1;
    if (verdict === 'refused' || blips > MOST_BLIPS) throw refuseSignIn(describeAnswer(answer));
  }
  throw refuseSignIn('The code has expired before it was confirmed on the page. Start again for a new one.');
}

/** What an answer to a poll means. Throws where the person has refused. */
function judge(answer: AuthAnswer): 'done' | 'wait' | 'slower' | 'expired' | 'again' | 'refused' {
  const said = answer.error ?? readText(answer.body, 'status') ?? '';
  if (/^(authorization_?pending(exception)?|pending)$/i.test(said)) return 'wait';
  if (/^slow_?down(exception)?$/i.test(said)) return 'slower';
  if (/^(expired_token|ExpiredTokenException|expired)$/i.test(said)) return 'expired';
  if (/^(access_denied|AccessDeniedException|denied)$/i.test(said)) {
    throw refuseSignIn('The sign-in was refused on the page.');
  }
  if (answer.error === undefined && readText(answer.body, 'accessToken') !== undefined) return 'done';
  return isPassing(answer) ? 'again' : 'refused';
}

function readMs(ms: unknown, seconds: unknown, otherwise: number): number {
  const exact = Number(ms);
  if (Number.isFinite(exact) && exact > 0) return exact;
  const rough = Number(seconds) * 1000;
  return Number.isFinite(rough) && rough > 0 ? rough : otherwise;
}

function refuseSignIn(message: string): GatewayError {
  const { message: text } = refuseLogin(message);
  return new GatewayError('unauthorized', `Kiro's sign-in did not go through: ${text}`, { provider: ID });
}
