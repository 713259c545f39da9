// One turn of an agent: finds the program that its session waits in, or resumes the session in a new one, or tells a new
// session what was said before; then reads the reply, and sees to what becomes of the program.
import { randomUUID } from 'node:crypto';
import { GatewayError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { AttemptContext, AttemptSession } from '../context.ts';
import type { Agent, AskPerson, UpstreamLimits } from '../provider.ts';
import type { CliSession } from './agent-arguments.ts';
import type { AgentLines } from './agent-lines.ts';
import { type AgentState, namePoint, readAgentState } from './agent-state.ts';
import { createAgentTurn } from './agent-turn.ts';
import { ID } from './names.ts';
import type { ClaudePool, Kind } from './pool.ts';
import { claimFor, readReply } from './reply-run.ts';

/** What one turn needs. */
export interface AgentRun {
  readonly pool: ClaudePool;
  /** Programs that are about to end, by the session of the program's own that they still write to. */
  readonly ending: Map<string, Promise<unknown>>;
  /** Sessions of the program's own that nobody can go on in: their records go with their programs. */
  readonly orphans: Set<string>;
  /** Removes the record of a session of the program's own at once. */
  readonly forget: (record: Pick<AgentState, 'account' | 'session'>) => Promise<void>;
  /** What a program is started for that runs this session of the program's own. */
  readonly kindOf: (session: CliSession) => Kind;
  readonly lines: AgentLines;
  readonly agent: Agent;
  /** Id of the account that runs it. */
  readonly account: string;
  readonly session: AttemptSession;
  readonly limits: UpstreamLimits;
  readonly ask: AskPerson;
  readonly note: (text: string) => void;
  readonly meter: AttemptContext['meter'];
  readonly signal: AbortSignal;
}

const NOT_RESUMED =
  'The agent began a new session of Claude Code and was told what was said before: its own record of the session is gone.';
/** A program that waited, its session in a new program, a new session: beyond these there is nothing to try. */
const MOST_TRIES = 3;

/** The reply. Throws `GatewayError` while nothing has been yielded; later failures are an `error` event. */
export async function* runAgent(run: AgentRun): EventStream {
  const { pool, kindOf, lines, agent, account, session, note, signal } = run;
  const state = readAgentState(session.state, { account, folder: agent.path });
  if (state === undefined && session.isPart) throw refuseForgotten();
  let cli = chooseSession(state, run);
  let claimed = await claimFor(async () => {
    await run.ending.get(cli.id);
    const kind = kindOf(cli);
    return state === undefined ? pool.open(kind, signal) : pool.claim(kind, namePoint(session.id, state), signal);
  }, signal);
  for (let tries = 1; ; tries += 1) {
    const turn = createAgentTurn({
      ...run,
      kind: kindOf(cli),
      cli,
      turns: (state?.turns ?? 0) + 1,
      spentUsd: claimed.continued ? (state?.spentUsd ?? 0) : 0,
      knowsPast: cli.resumes,
    });
    const stream = readReply(turn, claimed, signal);
    try {
      const { value, done } = await stream.next();
      if (done) return;
      const [first] = value;
      if (first?.type !== 'error') {
        yield value;
        yield* stream;
        return;
      }
      if (!turn.lost || signal.aborted || tries === MOST_TRIES) throw first.error;
    } finally {
      // Who reads no further after the first batch leaves without a word to the stream.
      await stream.return(undefined);
    }
    if (!claimed.continued) {
      if (session.isPart) throw refuseForgotten();
      if (cli.resumes && lines.history.length > 0) note(NOT_RESUMED);
      cli = { id: randomUUID(), resumes: false };
    }
    claimed = await claimFor(() => pool.open(kindOf(cli), signal), signal);
  }
}

/** The first session of the program's has our id, so that a person finds it; later ones need another. */
function chooseSession(state: AgentState | undefined, { session, lines }: AgentRun): CliSession {
  if (state !== undefined) return { id: state.session, resumes: true };
  const isFirst = session.state === undefined && lines.history.length === 0;
  return { id: isFirst ? session.id : randomUUID(), resumes: false };
}

function refuseForgotten(): GatewayError {
  const message =
    'Claude Code has no record of this session any more: send the whole conversation, not only the new words.';
  return new GatewayError('invalid-request', message, {
    provider: ID,
    param: 'messages',
    code: 'session_without_words',
  });
}

/** Why an agent cannot be asked. */
export function refuseAgent(kind: 'not-found' | 'forbidden', message: string, code: string): GatewayError {
  return new GatewayError(kind, message, { provider: ID, code, param: 'model' });
}
