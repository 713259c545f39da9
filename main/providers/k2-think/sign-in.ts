// The ways to set up an account of K2-Think, as the GUI draws them and the configuration file names them. Words only.
import type { Field, SignInMethod } from '../../../shared/views.ts';

/** Ids of the sign-in methods. */
export const METHODS = { password: 'password', token: 'token', key: 'key', guest: 'guest' } as const;

/** E-mail and password, token, official key, guest. */
export const signIn: readonly SignInMethod[] = [
  {
    id: METHODS.password,
    label: 'E-mail',
    help: 'Signs in at k2think.ai and renews the sign-in by itself. The password stays on this machine.',
    fields: [
      { name: 'email', label: 'E-mail', kind: 'text', required: true, placeholder: 'me@example.org' },
      { name: 'password', label: 'Password', kind: 'secret', required: true },
    ],
  },
  {
    id: METHODS.token,
    label: 'Token',
    help: 'A token of a sign-in at k2think.ai. It cannot be renewed: when it ends, paste another.',
    fields: [{ name: 'token', label: 'Token', kind: 'secret', required: true, placeholder: 'eyJ…' }],
  },
  {
    id: METHODS.key,
    label: 'API key',
    help: 'A key of the official API. Its answers come in one piece.',
    fields: [{ name: 'key', label: 'API key', kind: 'secret', required: true, placeholder: 'IFM-…' }],
  },
  {
    id: METHODS.guest,
    label: 'Guest',
    help: 'Without an account, as the site offers it to every visitor; it may be limited at any time.',
    fields: [],
  },
];

/** What every way of signing in may be told besides. */
export const fields: readonly Field[] = [
  {
    name: 'reasoningShown',
    label: 'What becomes of the thinking',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Models whose names end in -nothink always leave it out.',
    options: [
      { value: 'reasoning', label: 'Told apart from the answer' },
      { value: 'remove', label: 'Left out' },
      { value: 'pass', label: 'Left in the answer, with its tags' },
      { value: 'strip-tags', label: 'Left in the answer, without its tags' },
    ],
  },
  {
    name: 'delivery',
    label: 'How answers are fetched',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Without an account they always come as a stream, with an API key always in one piece.',
    options: [
      { value: 'stream', label: 'As a stream, where K2-Think sends one' },
      { value: 'whole', label: 'In one piece' },
    ],
  },
  {
    name: 'userAgent',
    label: 'Name of the program',
    kind: 'text',
    required: false,
    advanced: true,
    placeholder: 'Patchbay',
    help: 'What Patchbay calls itself at K2-Think.',
  },
];
