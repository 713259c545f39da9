// An agent's reply in the making: what the program says, what it is told and asked meanwhile, and what both lead to.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { ProgramExit } from '../../subprocess/process.ts';
import type { CliSession } from './agent-arguments.ts';
import { createPermissionDesk } from './agent-permission.ts';
import { createAgentReader } from './agent-reader.ts';
import type { AgentRun } from './agent-run.ts';
import { namePoint, readKeptSession, writeAgentState } from './agent-state.ts';
import { ID } from './names.ts';
import type { Kind } from './pool.ts';
import type { ClaudeProcess } from './process.ts';
import { createReplyQueue } from './reply-queue.ts';
import type { ReplyInTheMaking } from './reply-run.ts';
import { createTeller } from './tell.ts';
import { createWatch } from './watch.ts';

/** One turn in one program. */
export interface AgentTurn extends AgentRun {
  readonly kind: Kind;
  readonly cli: CliSession;
  /** How many turns the session has come to with this one. */
  readonly turns: number;
  /** What the program had spent before, in US dollars. */
  readonly spentUsd: number;
  /** The program has its own record of what was said before. */
  readonly knowsPast: boolean;
}

const GRACE_MS = 2_000;
/** The program counts what it spends as long as it runs: one that has little left is no good for another answer. */
const MOST_SPENT = 0.25;
const NO_SUCH_SESSION = /No conversation found|already in use/;

/** The turn; nothing is told before it starts. */
export function createAgentTurn(turn: AgentTurn): ReplyInTheMaking {
  const { agent, lines, limits, session, pool, kind, cli, note, meter } = turn;
  const reader = createAgentReader({ showsSteps: agent.rules.showsSteps, folder: agent.path, note, meter });
  const over = new AbortController();
  const answerAsked = createPermissionDesk({ agent, sessionId: session.id, ask: turn.ask, signal: over.signal });
  let claude: ClaudeProcess | undefined;
  let isTold = false;
  let heard = false;
  let lost = false;
  /** The program has taken its session up, and writes it down. */
  let isOpen = false;
  let isKept = false;
  let spentUsd = turn.spentUsd;

  const touch = () => {
    if (reader.ended || reader.busy) watch.hold();
    else watch.touch(reader.inMessage);
  };
  const queue = createReplyQueue(
    () => {
      watch.hold();
      claude?.pause();
    },
    () => {
      touch();
      claude?.resume();
    },
  );
  const hand = (bytes: number) => {
    const batch = reader.take();
    if (batch.length > 0) queue.push(batch, bytes);
  };
  const fail = (error: GatewayError) => {
    if (reader.ended) return;
    reader.fail(error);
    stop();
    hand(0);
  };
  const stop = () => {
    watch.hold();
    over.abort();
    // It ends what its tools run, too.
    claude?.interrupt();
    noteEnding();
  };
  const noteEnding = () => {
    if (claude === undefined) return;
    const gone: Promise<unknown> = claude.exited.then(() => {
      if (turn.ending.get(cli.id) === gone) turn.ending.delete(cli.id);
    });
    turn.ending.set(cli.id, gone);
  };
  const watch = createWatch(() => {
    const what = reader.inMessage
      ? 'was silent for too long in the middle of its answer'
      : 'did not go on with its answer in time';
    fail(new GatewayError('timeout', `Claude Code or its upstream ${what}.`, { provider: ID }));
  }, limits);
  const spend = (line: JsonObject) => {
    const cost = readCost(line, spentUsd);
    spentUsd = cost.totalUsd;
    if (cost.turnUsd > 0) session.spend(cost.turnUsd);
  };
  const finish = () => {
    watch.hold();
    over.abort();
    const state = { session: cli.id, account: turn.account, folder: agent.path, turns: turn.turns, spentUsd };
    const before = session.state === undefined ? undefined : readKeptSession(session.state);
    session.keep(writeAgentState(state));
    isKept = true;
    if (before !== undefined && before.session !== cli.id) void turn.forget(before);
    hand(0);
    const isFresh = spentUsd <= agent.rules.maxBudgetUsd * MOST_SPENT;
    claude?.listen({ onLine: () => {} });
    if (claude === undefined) return;
    if (isFresh && pool.park(kind, namePoint(session.id, state), Promise.resolve(claude))) return;
    claude.finish(GRACE_MS);
    noteEnding();
  };
  const onLine = (line: JsonObject) => {
    isOpen = true;
    if (!isTold) return teller.onLine(line);
    heard = true;
    if (line.type === 'result') spend(line);
    if (reader.ended) return;
    const step = reader.read(line);
    if (step === 'finish') finish();
    else if (step === 'interrupt') stop();
  };
  const onChunk = (bytes: number) => {
    touch();
    hand(bytes);
  };
  const onEnd = (exit: ProgramExit) => {
    teller.stop();
    over.abort();
    watch.hold();
    if (isOpen && !isKept && !cli.resumes) turn.orphans.add(cli.id);
    lost = !reader.begun && (!heard || NO_SUCH_SESSION.test(exit.stderr));
    if (!reader.ended) reader.end(exit);
    hand(0);
    queue.end();
  };
  const teller = createTeller(fail);
  const tell = async (opened: ClaudeProcess, continued: boolean) => {
    if (!continued) {
      const failure = await teller.tell(opened, lines.setup, turn.knowsPast ? [] : lines.history);
      if (failure !== undefined) return fail(failure);
    }
    if (reader.ended) return;
    isTold = true;
    await opened.send(lines.question);
  };

  return {
    start: (opened, continued) => {
      claude = opened;
      opened.listen({ onLine, onAsk: answerAsked, onChunk, onEnd });
      touch();
      void tell(opened, continued);
    },
    fail,
    get lost() {
      return lost;
    },
    next: queue.next,
    leave: () => {
      watch.hold();
      teller.stop();
      if (!reader.ended) stop();
    },
  };
}

/** Newer programs say what was spent since the last result; older ones what was spent since they were started. */
function readCost(line: JsonObject, beforeUsd: number): { turnUsd: number; totalUsd: number } {
  const total = typeof line.total_cost_usd === 'number' ? line.total_cost_usd : beforeUsd;
  const since = line.model_usage_since_last_result;
  if (typeof since !== 'object' || since === null) return { turnUsd: Math.max(0, total - beforeUsd), totalUsd: total };
  const costs = Object.values(since as JsonObject).map((usage) => Number((usage as JsonObject)?.costUSD) || 0);
  const turnUsd = costs.reduce((sum, cost) => sum + cost, 0);
  return { turnUsd, totalUsd: beforeUsd + turnUsd };
}
