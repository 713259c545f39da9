// Signs a person in to Kiro and out of it: which login, the page with its code, the profile, and where the login is kept.
import { randomUUID } from 'node:crypto';
import type { Field } from '../../../shared/views.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Account } from '../../credentials/credential.ts';
import type { ProviderLogin, SignedIn, SignInContext } from '../login.ts';
import { type DeviceCall, signInWithAmazon, signInWithSocial } from './device-flow.ts';
import { BUILDER_ID_START, mapSsoRegion, readRegion, refuseLogin } from './formats.ts';
import type { KiroLoginOptions, LoginBook } from './logins.ts';
import { listProfiles, type Profile } from './profiles.ts';
import { METHODS } from './sign-in.ts';
import { nameOwnLane } from './sources.ts';
import { type LoginTokens, nameKind } from './tokens.ts';

type Choice = 'builder-id' | 'organisation' | 'google' | 'github';

const KIND: Field = {
  name: 'kind',
  label: 'Sign in with',
  kind: 'choice',
  required: true,
  options: [
    { value: 'builder-id', label: 'AWS Builder ID' },
    { value: 'organisation', label: 'Your organisation (IAM Identity Center)' },
    { value: 'google', label: 'Google' },
    { value: 'github', label: 'GitHub' },
  ],
};
const ORGANISATION: readonly Field[] = [
  {
    name: 'startUrl',
    label: 'Start page',
    kind: 'url',
    required: true,
    placeholder: 'https://example.awsapps.com/start',
    help: 'The page on which you sign in to AWS at work.',
  },
  {
    name: 'region',
    label: 'Region',
    kind: 'text',
    required: false,
    placeholder: 'found by itself',
    help: 'Of your organisation’s Identity Center, such as eu-west-1.',
  },
];

/** Signing in and out of Kiro. */
export function createKiroLogin(options: KiroLoginOptions, book: LoginBook): ProviderLogin {
  const { services, store, now, pause } = options;
  const owner: ProviderLogin['owner'] = ({ method }) => (method === METHODS.own ? 'own' : undefined);
  return {
    owner,
    signIn: async (context): Promise<SignedIn> => {
      const { credential, dialogue, signal } = context;
      const { account, proxy } = credential;
      const title = 'How do you sign in to Kiro?';
      const { kind = 'builder-id' } = await dialogue.ask({ title }, [KIND]);
      const call: DeviceCall = {
        http: services.http,
        account,
        proxy,
        signal,
        now,
        pause,
        onCode: ({ url, code }) =>
          dialogue.show({
            title: 'Allow Patchbay in your browser',
            text: 'Open the page, compare the code and allow the sign-in. Nothing is to be typed here.',
            page: { url, ...(code === undefined ? {} : { code }) },
          }),
      };
      const tokens = await signInAs(kind as Choice, call, context);
      dialogue.show({ title: 'Looking for your profile' });
      const profile = await chooseProfile(options, tokens, context);
      // The whole login is one entry of the vault, there before the account refers to it.
      const login = randomUUID();
      const profileArn = tokens.profileArn ?? profile?.arn;
      await store.writeLane(nameOwnLane(login), { users: [], tokens: { ...tokens, profileArn } });
      return {
        text: writeWho(tokens, profile),
        secrets: { login },
        discard: () => store.removeLane(nameOwnLane(login)).catch(() => {}),
      };
    },
    signOut: async ({ credential }) => {
      const { login } = credential.secrets;
      if (owner(credential.account) !== 'own' || login === undefined) {
        throw new GatewayError('invalid-request', `"${credential.account.name}" has no login of its own.`);
      }
      await book.drop(nameOwnLane(login));
      return 'Patchbay has forgotten the login. Kiro itself ends it when it is not renewed any more.';
    },
    forget: async ({ account, secrets }, left) => {
      if (left.some(({ id }) => id === account.id)) return;
      try {
        await book.release(account.id);
        if (secrets.login !== undefined && owner(account) === 'own')
          await book.leave(account.id, nameOwnLane(secrets.login));
      } catch (error) {
        services.logger.warn('a login of a removed account could not be removed', { account: account.id, error });
      }
    },
  };
}

async function signInAs(kind: Choice, call: DeviceCall, { credential, dialogue }: SignInContext): Promise<LoginTokens> {
  const named = readNamed(credential.account);
  switch (kind) {
    case 'google':
    case 'github':
      dialogue.show({ title: 'Asking Kiro for a code' });
      return await signInWithSocial(call, kind === 'google' ? 'Google' : 'Github', named ?? 'us-east-1');
    case 'organisation': {
      const { startUrl, region } = await askOrganisation(dialogue);
      dialogue.show({ title: region === undefined ? 'Looking for your organisation’s region' : 'Asking for a code' });
      return await signInWithAmazon(call, { startUrl, region: region ?? named });
    }
    case 'builder-id':
      dialogue.show({ title: 'Asking Amazon for a code' });
      return await signInWithAmazon(call, { startUrl: BUILDER_ID_START, region: named ?? 'us-east-1' });
    default:
      return kind satisfies never;
  }
}

/** Asks until both can be used: they become part of what is sent to Amazon, the region part of a host's name. */
async function askOrganisation(dialogue: SignInContext['dialogue']) {
  let problem: string | undefined;
  for (;;) {
    const answer = await dialogue.ask({ title: 'Your organisation' }, ORGANISATION, problem);
    const startUrl = readStartUrl(answer.startUrl);
    const region = readRegion(answer.region);
    if (startUrl === undefined) problem = 'The start page must be an address that begins with https://.';
    else if (answer.region !== undefined && region === undefined) {
      problem = `"${answer.region}" is not a region of AWS, such as eu-west-1.`;
    } else return { startUrl, region };
  }
}

/** As Amazon knows it: without what the browser adds behind it. */
function readStartUrl(text = ''): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, pathname } = new URL(text);
  return protocol === 'https:' ? `${origin}${pathname.replace(/\/+$/, '')}` : undefined;
}

function readNamed({ values }: Account): string | undefined {
  if (values.region === undefined) return undefined;
  const region = readRegion(values.region);
  if (region !== undefined) return region;
  throw refuseLogin(`"${values.region.slice(0, 40)}" is not a region of AWS, such as us-east-1.`);
}

/** The profile of the login; the person is asked where there are several. None where Kiro names none. */
async function chooseProfile(
  { services }: KiroLoginOptions,
  tokens: LoginTokens,
  { credential, dialogue, signal }: SignInContext,
): Promise<Profile | undefined> {
  const { account, proxy } = credential;
  if (tokens.profileArn !== undefined || account.values.profileArn !== undefined) return undefined;
  const region = readRegion(account.values.apiRegion);
  const found = await listProfiles({
    http: services.http,
    account,
    proxy,
    kind: tokens.kind,
    token: tokens.accessToken ?? '',
    region: region ?? mapSsoRegion(tokens.ssoRegion),
    fixed: region !== undefined,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    services.logger.warn('the profile of a new login of Kiro could not be found', { error });
    return [];
  });
  if (found.length < 2) return found[0];
  const options = found.map(({ arn, name = arn, region: at }) => ({ value: arn, label: `${name} (${at})` }));
  const field: Field = { name: 'profile', label: 'Profile', kind: 'choice', required: true, options };
  const { profile } = await dialogue.ask({ title: 'Which profile does this account use?' }, [field]);
  return found.find(({ arn }) => arn === profile) ?? found[0];
}

function writeWho({ kind, provider, startUrl }: LoginTokens, profile: Profile | undefined): string {
  const by = kind === 'identity-center' && startUrl !== undefined ? new URL(startUrl).host : nameKind(kind, provider);
  const as = profile?.name === undefined ? '' : `, profile ${profile.name}`;
  return `Signed in with ${by}${as}.`;
}
