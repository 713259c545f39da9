// Kiro's sign-in hosts and its list of profiles on loopback, as strict as the real ones: refresh tokens that rotate and are bound
// to their client, device flows with a scripted person, and faults on demand. Every region has hosts of its own, by path.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came. */
export interface AuthRequest {
  /** `/oidc/eu-west-1/token` */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

/** A login as the hosts gave it out. */
export interface IssuedLogin {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
}

/** What happens to the next request of a path instead of an answer; `reset` after the work was done, as a lost answer. */
export type Fault =
  | 'hang'
  | 'reset'
  | { readonly status: number; readonly body?: object; readonly headers?: Record<string, string> };

/** What the person at the page does at each poll; the last one stays. */
export type PersonAct =
  | 'wait'
  | 'slow'
  | 'allow'
  | 'deny'
  | 'expire'
  | { readonly status: number; readonly body: object };

/** A running stub; what a test sets holds from the next request on. */
export interface KiroAuthStub {
  readonly url: string;
  /** For the `endpoints` of an account. */
  readonly endpoints: { readonly auth: string; readonly oidc: string; readonly management: string };
  readonly requests: AuthRequest[];
  /** Life of an access token, in seconds. */
  lifeS: number;
  /** Whether a renewal replaces the refresh token. */
  rotates: boolean;
  /** Status of device answers that carry an `error`. */
  errorStatus: number;
  person: PersonAct[];
  /** Start pages by the region that knows them. */
  readonly startUrls: Map<string, string>;
  /** Profiles by region. */
  readonly profiles: Map<string, readonly { readonly arn: string; readonly profileName?: string }[]>;
  /** The way of asking for profiles that is understood: by target at the root, or by path. */
  profileStyle: 'target' | 'path' | 'none';
  /** Gives out a login; with a client it is bound to it. */
  issue(options?: { readonly client?: boolean; readonly profileArn?: string }): IssuedLogin;
  /** Another program renews: what the hosts would answer. Undefined where the token is not taken. */
  renew(refreshToken: string): IssuedLogin | undefined;
  /** Ends a login for good. */
  revoke(refreshToken: string): void;
  /** Ends an access token before its time. */
  kill(accessToken: string): void;
  /** Whether the token would be taken by a call, or by a renewal. */
  isLive(token: string): boolean;
  /** The next requests whose path ends so get these instead of an answer. */
  fail(path: string, ...faults: Fault[]): void;
  /** Takes back faults that nothing has met. */
  heal(): void;
  /** Requests whose path ends so. */
  count(path: string): number;
  close(): Promise<void>;
}

interface Login {
  readonly client: { readonly clientId: string; readonly clientSecret: string } | undefined;
  readonly profileArn: string | undefined;
}

/** Starts the hosts on a free loopback port; access tokens end by the test's clock. */
export async function startKiroAuthStub(now: () => number = Date.now): Promise<KiroAuthStub> {
  const refresh = new Map<string, Login>();
  const spent = new Set<string>();
  const access = new Map<string, number>();
  const clients = new Map<string, string>();
  const devices = new Map<string, { readonly client: Login['client'] }>();
  const faults: { path: string; fault: Fault }[] = [];
  const token = (kind: string) => `${kind}AAAAAG${randomBytes(60).toString('hex')}`;

  const issue = (login: Login): IssuedLogin => {
    const accessToken = token('aoa');
    const refreshToken = token('aor');
    access.set(accessToken, now() + stub.lifeS * 1000);
    refresh.set(refreshToken, login);
    return { accessToken, refreshToken, ...login.client };
  };
  const renew = (refreshToken: string): IssuedLogin | undefined => {
    const login = refresh.get(refreshToken);
    if (login === undefined) return undefined;
    const made = issue(login);
    if (!stub.rotates) {
      refresh.delete(made.refreshToken);
      return { ...made, refreshToken };
    }
    refresh.delete(refreshToken);
    spent.add(refreshToken);
    return made;
  };
  const makeClient = () => {
    const client = { clientId: token('client'), clientSecret: token('secret') };
    clients.set(client.clientId, client.clientSecret);
    return client;
  };
  const stub = {
    requests: [] as AuthRequest[],
    lifeS: 3600,
    rotates: true,
    errorStatus: 400,
    person: ['allow'] as PersonAct[],
    startUrls: new Map([['us-east-1', 'https://view.awsapps.com/start']]),
    profiles: new Map() as KiroAuthStub['profiles'],
    profileStyle: 'target' as KiroAuthStub['profileStyle'],
    issue: (options: { readonly client?: boolean; readonly profileArn?: string } = {}) =>
      issue({ client: options.client ? makeClient() : undefined, profileArn: options.profileArn }),
    renew,
    revoke: (refreshToken: string) => void refresh.delete(refreshToken),
    kill: (accessToken: string) => void access.delete(accessToken),
    isLive: (text: string) => refresh.has(text) || (access.get(text) ?? 0) > now(),
    fail: (path: string, ...list: Fault[]) => void faults.push(...list.map((fault) => ({ path, fault }))),
    heal: () => void faults.splice(0),
    count: (path: string) => stub.requests.filter((request) => request.path.endsWith(path)).length,
  };

  const refuse = (error: string, text: string) => ({
    status: 400,
    body: { error, error_description: text },
  });
  const answerRenewal = (refreshToken: unknown, given?: { clientId: unknown; clientSecret: unknown }) => {
    const text = String(refreshToken);
    const login = refresh.get(text);
    if (login === undefined) {
      return spent.has(text)
        ? refuse('refresh_token_reused', 'Refresh token was used before')
        : refuse('invalid_grant', 'Invalid refresh token provided');
    }
    if (given !== undefined && clients.get(String(given.clientId)) !== given.clientSecret) {
      return refuse('invalid_client', 'Invalid client');
    }
    if (given !== undefined && login.client?.clientId !== given.clientId) {
      return refuse('invalid_grant', 'The token belongs to another client');
    }
    const made = renew(text);
    const body = {
      accessToken: made?.accessToken,
      ...(stub.rotates ? { refreshToken: made?.refreshToken } : {}),
      expiresIn: stub.lifeS,
      tokenType: 'Bearer',
      ...(login.profileArn === undefined ? {} : { profileArn: login.profileArn }),
    };
    return { status: 200, body };
  };
  /** The way of an organisation's own identity provider: a form in, snake_case out. */
  const answerForm = (form: AuthRequest['body']) => {
    const { status, body } = answerRenewal(form.refresh_token);
    const names = Object.entries(body).map(([name, value]) => [
      name.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`),
      value,
    ]);
    return { status, body: Object.fromEntries(names) };
  };
  /** What the person does now, told as either host tells it. */
  const answerPoll = (deviceCode: unknown, social: boolean) => {
    const device = devices.get(String(deviceCode));
    const act = stub.person.length > 1 ? stub.person.shift() : stub.person[0];
    if (typeof act === 'object') return act;
    const say = (error: string) =>
      social ? { status: 200, body: { status: error } } : { status: stub.errorStatus, body: { error } };
    if (device === undefined) return refuse('invalid_grant', 'Unknown device code');
    if (act === 'wait') return say('authorization_pending');
    if (act === 'slow') return say('slow_down');
    if (act === 'deny') return say('access_denied');
    if (act !== 'allow') return say('expired_token');
    devices.delete(String(deviceCode));
    const profileArn = social ? 'arn:aws:codewhisperer:us-east-1:111122223333:profile/SOCIAL' : undefined;
    const { accessToken, refreshToken } = issue({ client: device.client, profileArn });
    if (!social) return { status: 200, body: { accessToken, refreshToken, expiresIn: stub.lifeS } };
    return { status: 200, body: { status: 'ok', accessToken, refreshToken, profileArn, identityProvider: 'Google' } };
  };
  const beginDevice = (client: Login['client']) => {
    const deviceCode = token('device');
    devices.set(deviceCode, { client });
    return { deviceCode, userCode: 'QWRT-7L2K', verificationUri: 'https://device.example.com/activate' };
  };
  const answerProfiles = (request: AuthRequest, region: string) => {
    const bearer = String(request.headers.authorization ?? '').replace(/^Bearer /, '');
    const isPath = request.path.endsWith('/List-Available-Profiles');
    const isTarget = request.headers['x-amz-target'] === 'AmazonCodeWhispererService.ListAvailableProfiles';
    if (stub.profileStyle !== (isPath ? 'path' : 'target') || (!isPath && !isTarget)) {
      return { status: 400, body: { __type: 'com.amazon.coral.service#UnknownOperationException' } };
    }
    if ((access.get(bearer) ?? 0) <= now()) {
      return { status: 403, body: { message: 'The bearer token included in the request is invalid.' } };
    }
    return { status: 200, body: { profiles: stub.profiles.get(region) ?? [], nextToken: null } };
  };
  const answer = (request: AuthRequest): { status: number; body: object } => {
    const [, host = '', region = '', ...rest] = request.path.split('/');
    const { body } = request;
    switch (`${host}/${rest.join('/')}`) {
      case 'auth/refreshToken':
        return answerRenewal(body.refreshToken);
      case 'oidc/token': {
        const { clientId, clientSecret } = body;
        if (body.grant_type === 'refresh_token') return answerForm(body);
        if (body.grantType === 'refresh_token') return answerRenewal(body.refreshToken, { clientId, clientSecret });
        return answerPoll(body.deviceCode, false);
      }
      case 'oidc/client/register':
        return { status: 200, body: { ...makeClient(), clientIdIssuedAt: 1, clientSecretExpiresAt: 2 } };
      case 'oidc/device_authorization': {
        const clientId = String(body.clientId);
        const clientSecret = clients.get(clientId);
        if (clientSecret === undefined) return refuse('invalid_client', 'Invalid client');
        if (stub.startUrls.get(region) !== body.startUrl) return refuse('invalid_request', 'Unknown start URL');
        const device = beginDevice({ clientId, clientSecret });
        const verificationUriComplete = `${device.verificationUri}?user_code=${device.userCode}`;
        return { status: 200, body: { ...device, verificationUriComplete, expiresIn: 600, interval: 5 } };
      }
      case 'auth/oauth/device/authorization':
        if (body.clientId !== 'kiro-cli') return refuse('invalid_client', 'Unknown client');
        if (!['Google', 'Github'].includes(String(body.loginProvider))) return refuse('invalid_request', 'Who?');
        return {
          status: 200,
          body: { ...beginDevice(undefined), intervalInMilliseconds: 5000, expiresInMilliseconds: 300_000 },
        };
      case 'auth/oauth/device/poll':
        return answerPoll(body.deviceCode, true);
      case 'management/':
      case 'management/List-Available-Profiles':
        return answerProfiles(request, region);
      default:
        return { status: 404, body: { message: `no route ${request.path}` } };
    }
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const piece of request) chunks.push(piece as Buffer);
    const text = Buffer.concat(chunks).toString();
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
    const body = isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text === '' ? '{}' : text);
    const record = { path: request.url ?? '', headers: request.headers, body };
    stub.requests.push(record);
    const at = faults.findIndex(({ path }) => record.path.endsWith(path));
    const fault = at === -1 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (fault === 'hang') return;
    if (typeof fault === 'object') return send(response, fault);
    const made = answer(record);
    if (fault === 'reset') response.destroy();
    else send(response, made);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(stub, {
    url,
    endpoints: {
      auth: `${url}/auth/{region}`,
      oidc: `${url}/oidc/{region}`,
      management: `${url}/management/{region}`,
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function send(
  response: ServerResponse,
  { status, body = {}, headers = {} }: { status: number; body?: object; headers?: Record<string, string> },
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
