// The ways to set up an account of this provider, as the GUI draws them. Words only.
import type { Field, SignInMethod } from '../../../shared/views.ts';

const cliPath: Field = {
  name: 'cliPath',
  label: 'Program',
  kind: 'path',
  required: false,
  placeholder: 'found by itself',
  help: 'Only where "claude" is in an unusual place: the program or the folder that holds it.',
};

/** Login of the installed program, API key, long-lived token. */
export const signIn: readonly SignInMethod[] = [
  {
    id: 'login',
    label: 'Login of the installed program',
    help: 'Uses a login of Claude Code: the one it has on this machine, or one that you sign in to here. Patchbay neither sees nor copies it.',
    dialogue: true,
    fields: [
      cliPath,
      {
        name: 'configDir',
        label: 'Configuration folder',
        kind: 'path',
        required: false,
        placeholder: '~/.claude',
        help: 'Only for a login in another folder, named by CLAUDE_CONFIG_DIR. Signing in here can make one by itself.',
      },
    ],
  },
  {
    id: 'key',
    label: 'API key',
    help: 'A key from the Anthropic console; each request is billed per token.',
    fields: [{ name: 'key', label: 'API key', kind: 'secret', required: true, placeholder: 'sk-ant-api…' }, cliPath],
  },
  {
    id: 'token',
    label: 'Long-lived token',
    help: 'For machines without a browser: run "claude setup-token" where you can log in, and paste what it prints.',
    fields: [{ name: 'token', label: 'Token', kind: 'secret', required: true, placeholder: 'sk-ant-oat…' }, cliPath],
  },
];
