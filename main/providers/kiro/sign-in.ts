// The ways to set up an account of this provider, as the GUI draws them and the configuration file names them. Words only.
import type { Field, SignInMethod } from '../../../shared/views.ts';

/** Ids of the sign-in methods. */
export const METHODS = {
  own: 'sign-in',
  database: 'kiro-cli',
  file: 'kiro-ide',
  pasted: 'token',
  key: 'key',
} as const;

const writeBack: Field = {
  name: 'writeBack',
  label: 'When Patchbay renews the login',
  kind: 'choice',
  required: false,
  help: 'A renewed login replaces the old one. The other program is signed out sooner or later if it does not get it.',
  options: [
    { value: 'yes', label: 'Put it back, so that both stay signed in' },
    { value: 'no', label: 'Leave the other program’s file alone' },
  ],
};

/** Sign-in here, kiro-cli, Kiro IDE, refresh token, API key. */
export const signIn: readonly SignInMethod[] = [
  {
    id: METHODS.own,
    label: 'Sign in',
    help: 'With AWS Builder ID, your organisation, Google or GitHub, on a page in your browser. The login is Patchbay’s own and leaves other programs alone.',
    dialogue: true,
    fields: [],
  },
  {
    id: METHODS.database,
    label: 'kiro-cli',
    help: 'Uses the login that kiro-cli has on this machine, and shares it.',
    fields: [
      {
        name: 'cliDatabase',
        label: 'Database of kiro-cli',
        kind: 'path',
        required: true,
        placeholder: '~/.local/share/kiro-cli/data.sqlite3',
      },
      writeBack,
    ],
  },
  {
    id: METHODS.file,
    label: 'Kiro IDE',
    help: 'Uses the login that the Kiro IDE has on this machine, and shares it.',
    fields: [
      {
        name: 'credsFile',
        label: 'Token file',
        kind: 'path',
        required: true,
        placeholder: '~/.aws/sso/cache/kiro-auth-token.json',
      },
      writeBack,
    ],
  },
  {
    id: METHODS.pasted,
    label: 'Token',
    help: 'A refresh token of Kiro. One of Builder ID or an organisation works only with the client id and secret that it came with.',
    fields: [
      { name: 'refreshToken', label: 'Refresh token', kind: 'secret', required: true, placeholder: 'aor…' },
      { name: 'clientId', label: 'Client id', kind: 'secret', required: false },
      { name: 'clientSecret', label: 'Client secret', kind: 'secret', required: false },
      {
        name: 'startUrl',
        label: 'Start page',
        kind: 'url',
        required: false,
        placeholder: 'https://example.awsapps.com/start',
        help: 'Of your organisation; without it a client id means Builder ID.',
      },
    ],
  },
  {
    id: METHODS.key,
    label: 'API key',
    help: 'A key from Kiro’s account page; it needs no renewal.',
    fields: [{ name: 'apiKey', label: 'API key', kind: 'secret', required: true, placeholder: 'ksk_…' }],
  },
];

/** What every way of signing in may be told besides. */
export const fields: readonly Field[] = [
  {
    name: 'region',
    label: 'Region of the login',
    kind: 'text',
    required: false,
    placeholder: 'from the login',
    help: 'Where the login is renewed, such as eu-west-1. Only where Patchbay does not find it out.',
  },
  {
    name: 'apiRegion',
    label: 'Region of Kiro',
    kind: 'text',
    required: false,
    placeholder: 'found by itself',
    help: 'us-east-1 or eu-central-1. Only where Patchbay does not find it out.',
  },
  {
    name: 'profileArn',
    label: 'Profile',
    kind: 'text',
    required: false,
    placeholder: 'arn:aws:codewhisperer:…:profile/…',
    help: 'Only where the account has several profiles, or Patchbay does not find it.',
  },
];
