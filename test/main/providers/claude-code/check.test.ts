// What the check and the survey find on a machine, told by a scripted program.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findProgram } from '../../../../main/providers/claude-code/program.ts';
import type { CheckStep } from '../../../../shared/views.ts';
import { openFakeHouse } from '../../../support/fake-claude.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const signal = new AbortController().signal;

/** A folder with a program that answers `--version` and `auth status`. */
function installProgram(folder: string, { loggedIn }: { loggedIn: boolean }): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'claude');
  const models =
    '[{"value":"default","resolvedModel":"m-1"},{"value":"big","resolvedModel":"m-1","displayName":"Big"},{"value":"old"}]';
  writeFileSync(
    file,
    `#!/bin/sh
case "$1" in
  --version) echo "2.1.400 (Claude Code)" ;;
  auth) echo '{"loggedIn":${loggedIn},"authMethod":"${loggedIn ? 'api_key' : 'none'}"}'; exit ${loggedIn ? 0 : 1} ;;
  *) read line; echo '{"type":"control_response","response":{"subtype":"success","request_id":"r1","response":{"models":${models}}}}'; read line ;;
esac
`,
  );
  chmodSync(file, 0o755);
  return file;
}

/** The steps as they stand at the end. */
async function readSteps(steps: AsyncIterable<CheckStep>): Promise<CheckStep[]> {
  const last = new Map<string, CheckStep>();
  for await (const step of steps) last.set(step.id, step);
  return [...last.values()];
}

it('a check finds the program, its version, its credential and its models', async () => {
  const file = installProgram(makeTempFolder(), { loggedIn: true });
  const { provider, credential } = openFakeHouse([], { account: { values: { cliPath: file } } });
  expect(await readSteps(provider.check({ credential, signal }))).toEqual([
    { id: 'program', label: 'Claude Code 2.1.400 found', state: 'ok', detail: `${file} (by your setting)` },
    {
      id: 'login',
      label: 'Credential in place',
      state: 'unproved',
      detail: 'Kind: api_key. Whether Anthropic accepts it shows with the first request.',
    },
    { id: 'models', label: '2 models', state: 'ok', detail: 'm-1, old' },
  ]);
  expect(await provider.listModels({ credential, signal })).toMatchObject([{ id: 'm-1', name: 'Big' }, { id: 'old' }]);
});

it('a check says how to log in', async () => {
  const file = installProgram(makeTempFolder(), { loggedIn: false });
  const { provider } = openFakeHouse([]);
  const steps = await readSteps(provider.survey?.({ cliPath: file }, signal) ?? fail());
  expect(steps).toMatchObject([
    { id: 'program', state: 'ok' },
    { id: 'login', state: 'failed', label: 'Not logged in', command: 'claude auth login' },
  ]);
});

it('a survey says how to install what is not there', async () => {
  const { provider } = openFakeHouse([]);
  const steps = await readSteps(provider.survey?.({ cliPath: '/nonexistent' }, signal) ?? fail());
  expect(steps).toMatchObject([
    {
      id: 'program',
      state: 'failed',
      command: 'npm install -g @anthropic-ai/claude-code',
      link: 'https://code.claude.com/docs/en/setup',
    },
  ]);
});

it('a program that is no Claude Code is told apart', async () => {
  const { provider } = openFakeHouse([]);
  const [step] = await readSteps(provider.survey?.({ cliPath: '/bin/true' }, signal) ?? fail());
  expect(step).toMatchObject({ state: 'failed', detail: '/bin/true does not say a version. Is it Claude Code?' });
});

it('a program that refuses to tell its models is ended each time', async () => {
  const file = join(makeTempFolder(), 'claude');
  const refusal = '{"type":"control_response","response":{"subtype":"error","request_id":"r1","error":"not today"}}';
  writeFileSync(file, `#!/bin/sh\nread line; echo '${refusal}'; read line\n`);
  chmodSync(file, 0o755);
  const { provider, credential } = openFakeHouse([], { account: { values: { cliPath: file } } });
  // More often than programs may run at once: one that is left behind would make the last wait for ever.
  for (let count = 0; count < 3; count += 1) {
    await expect(provider.listModels({ credential, signal })).rejects.toThrow('Claude Code refused: not today');
  }
});

it('the program is looked for by setting, on PATH, then in its usual places', async () => {
  const folder = makeTempFolder();
  const onPath = installProgram(join(folder, 'bin'), { loggedIn: true });
  const atHome = installProgram(join(folder, 'home', '.local', 'bin'), { loggedIn: true });
  const environment = { PATH: `/nonexistent:${join(folder, 'bin')}`, HOME: join(folder, 'home') };
  expect(await findProgram(join(folder, 'bin'), environment)).toEqual({ file: onPath, by: 'your setting' });
  expect(await findProgram(undefined, environment)).toEqual({ file: onPath, by: 'PATH' });
  expect(await findProgram('', { ...environment, PATH: '/nonexistent' })).toEqual({
    file: atHome,
    by: 'its usual place',
  });
  const locked = join(folder, 'locked');
  writeFileSync(locked, '');
  await expect(findProgram(locked, environment)).rejects.toThrow('no program there that may be run');
});

function fail(): never {
  throw new Error('The provider has no survey.');
}
