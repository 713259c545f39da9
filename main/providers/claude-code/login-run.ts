// One run of the program's own sign-in: reads the page's address from its output, hands over the code that the person got
// there, and reads how it ended. The program keeps the login; no part of it passes through here.
import type { Field } from '../../../shared/views.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Program, ProgramExit, ProgramRunner } from '../../subprocess/process.ts';
import { waitAtMost } from '../../util/wait-at-most.ts';
import type { SignInContext } from '../login.ts';
import type { Cli } from './cli.ts';
import { notePid } from './leftovers.ts';
import { ID } from './names.ts';

const ADDRESS_MS = 30_000;
/** The program asks its upstream whether the code is right. */
const VERDICT_MS = 60_000;
/** A program that complains and ends does both within this time. */
const SETTLE_MS = 250;
const MOST_HEARD = 16_384;

const CODE: Field = { name: 'code', label: 'Code from the page', kind: 'secret', required: true };

/** Runs the sign-in to its good end. Throws `GatewayError` with the program's words; the program never outlives the call. */
export async function runLogin(
  { cli, runner }: { readonly cli: Cli; readonly runner: ProgramRunner },
  credential: Credential,
  kind: string,
  { dialogue, signal }: Pick<SignInContext, 'dialogue' | 'signal'>,
): Promise<void> {
  dialogue.show({ title: 'Starting Claude Code' });
  const { call, folder, clean } = await cli.prepare(credential, ['auth', 'login', `--${kind}`]);
  const hearing = createHearing();
  try {
    const { onOutput, onComplaint } = hearing;
    const program = await runner.run({ ...call, env: writeQuiet(call.env), onOutput, onComplaint }, signal);
    signal.addEventListener('abort', program.terminate, { once: true });
    try {
      await notePid(folder, program.pid);
      signal.throwIfAborted();
      readEnd(await talk(program, hearing, dialogue));
    } finally {
      signal.removeEventListener('abort', program.terminate);
      program.terminate();
      await program.exited;
    }
  } finally {
    await clean();
  }
}

/** Goes on until the program has ended: it does so with the first code that looks like one, right or wrong. */
async function talk(
  program: Program,
  hearing: Hearing,
  dialogue: SignInContext['dialogue'],
): Promise<ProgramExit | undefined> {
  let exit: ProgramExit | undefined;
  const exited = program.exited.then((how) => {
    exit = how;
  });
  await waitAtMost(ADDRESS_MS, Promise.race([exited, hearing.heard(() => hearing.address() !== undefined)]));
  const url = hearing.address();
  if (url === undefined) return exit;
  const scene = {
    title: 'Sign in on Anthropic’s page',
    text: 'Open the page, sign in there and allow Claude Code. The page then shows a code; bring it here.',
    page: { url },
  };
  let problem: string | undefined;
  while (exit === undefined) {
    // The program may have opened a browser by itself and needs no code then.
    const answer = await Promise.race([exited, dialogue.ask(scene, [CODE], problem)]);
    if (answer?.code === undefined) break;
    dialogue.show({ title: 'Claude Code is signing in' });
    hearing.complaint();
    await program.write(`${answer.code}\n`);
    await waitAtMost(VERDICT_MS, Promise.race([exited, hearing.heard(hearing.complains)]));
    if (!hearing.complains()) break;
    await waitAtMost(SETTLE_MS, exited);
    problem = hearing.complaint();
  }
  await waitAtMost(SETTLE_MS, exited);
  return exit;
}

function readEnd(exit: ProgramExit | undefined): void {
  if (exit === undefined) {
    throw new GatewayError('timeout', 'Claude Code did not answer in time. Try again.', { provider: ID });
  }
  if (exit.code === 0) return;
  const lines = exit.stderr.split('\n').filter((line) => line.trim() !== '');
  const at = lines.findLastIndex((line) => /^(Couldn't log in|Login failed)/.test(line));
  const words = lines.slice(at).join(' ').trim();
  const plain = `Claude Code ended without signing in (${exit.failure ?? exit.signal ?? `exit code ${exit.code}`}).`;
  throw new GatewayError('unauthorized', words || plain, { provider: ID });
}

/** The page is opened by the person's click, not by the program, whose own address works on this machine alone. */
function writeQuiet(environment: Readonly<Record<string, string>>): Record<string, string> {
  const { ANTHROPIC_LOG: _, ...rest } = environment;
  // Windows has no program that does nothing; there the browser may open by itself.
  return process.platform === 'win32' ? rest : { ...rest, BROWSER: 'true' };
}

interface Hearing {
  readonly onOutput: (chunk: Buffer) => void;
  readonly onComplaint: (text: string) => void;
  /** The first whole address of the output. */
  address(): string | undefined;
  /** Whether a whole line of complaint has come since they were taken. */
  complains(): boolean;
  /** Takes the complaints so far. */
  complaint(): string;
  /** Resolves when `is` holds, looked at whenever the program says something. */
  heard(is: () => boolean): Promise<void>;
}

function createHearing(): Hearing {
  let output = '';
  let complaints = '';
  let wake = () => {};
  const complains = () => complaints.includes('\n');
  return {
    onOutput: (chunk) => {
      output = (output + chunk.toString('utf8')).slice(-MOST_HEARD);
      wake();
    },
    onComplaint: (text) => {
      complaints = (complaints + text).slice(-MOST_HEARD);
      wake();
    },
    address: () => /https:\/\/\S+(?=\s)/.exec(output)?.[0],
    complains,
    complaint: () => {
      const taken = complaints.trim();
      complaints = '';
      return taken;
    },
    heard: (is) =>
      new Promise((resolve) => {
        wake = () => {
          if (is()) resolve();
        };
        wake();
      }),
  };
}
