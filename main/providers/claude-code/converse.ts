// One request to one program: tells it what it does not know yet, reads its reply, and sees to what becomes of it: a
// program that waits for the next turn goes back to the pool, any other is ended.

import { type Collector, createCollector } from '../../canonical/collect.ts';
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { EventBatch, EventStream } from '../../canonical/events.ts';
import type { ProgramExit } from '../../subprocess/process.ts';
import type { SingleContext } from '../context.ts';
import type { UpstreamLimits } from '../provider.ts';
import { createLock } from './lock.ts';
import { ID } from './names.ts';
import { createNextTurn } from './next-turn.ts';
import { namePoint } from './point.ts';
import type { ClaudePool, Kind } from './pool.ts';
import type { ClaudeProcess } from './process.ts';
import { createReplyQueue } from './reply-queue.ts';
import { claimFor, type ReplyInTheMaking, readReply } from './reply-run.ts';
import type { ClaudeLines } from './request.ts';
import { createReplyReader, type NextStep } from './stream.ts';
import { createTeller } from './tell.ts';
import { createWatch } from './watch.ts';

/** What one conversation with the program needs. */
export interface ConverseOptions {
  readonly pool: ClaudePool;
  readonly kind: Kind;
  readonly lines: ClaudeLines;
  readonly renewsLogin: boolean;
  /** Headers that the account adds to each request, as its environment has them. */
  readonly ownHeaders: string | undefined;
  readonly retries: number;
  readonly limits: UpstreamLimits;
  /** Whose conversation it is: the program remembers what its client may leave out, such as its thinking. */
  readonly clientKey: string | undefined;
  readonly signal: AbortSignal;
  /** Hears what the program says of the plan. */
  readonly meter: SingleContext['meter'];
}

/** A reply of more characters is passed on but not kept in mind: its conversation goes on in a new program. */
const MOST_KEPT = 1024 ** 2;

/** The reply. Throws `GatewayError` while nothing has been yielded; later failures are an `error` event. */
export async function* converse(options: ConverseOptions): EventStream {
  const { pool, kind, lines, clientKey, signal } = options;
  const point = namePoint(clientKey, lines.setup, lines.turns.slice(0, -1));
  let claimed = await claimFor(() => pool.claim(kind, point, signal), signal);
  for (;;) {
    const reply = createReply(options);
    const stream = readReply(reply, claimed, signal);
    try {
      const { value, done } = await stream.next();
      if (done) return;
      const [first] = value;
      if (first?.type !== 'error') {
        yield value;
        yield* stream;
        return;
      }
      if (!(claimed.waited && reply.lost) || signal.aborted) throw first.error;
    } finally {
      // Who reads no further after the first batch leaves without a word to the stream.
      await stream.return(undefined);
    }
    // It had ended while it waited: nobody was asked yet.
    claimed = await claimFor(() => pool.open(kind, signal), signal);
  }
}

/** One reply in the making: what the program says, what it is told, and what both lead to. */
function createReply(options: ConverseOptions): ReplyInTheMaking {
  const { pool, kind, limits, renewsLogin, retries, ownHeaders, lines, clientKey, meter } = options;
  const { names, tools, turns } = lines;
  const lock = createLock(lines.setup, ownHeaders);
  const nextTurn = createNextTurn({ pool, kind, lines, clientKey, lock });
  const reader = createReplyReader({ renewsLogin, retries, names, meter });
  let collector: Collector | undefined = createCollector(MOST_KEPT);
  let claude: ClaudeProcess | undefined;
  let asked = false;
  let heard = false;
  let settled = false;
  let lost = false;

  const pause = () => {
    watch.hold();
    claude?.pause();
  };
  const resume = () => {
    watch.touch();
    claude?.resume();
  };
  const queue = createReplyQueue(pause, resume);
  const hand = (bytes: number) => {
    const batch = reader.take();
    if (batch.length === 0) return;
    remember(batch);
    queue.push(batch, bytes);
  };
  const remember = (batch: EventBatch) => {
    try {
      for (const event of batch) collector?.read(event);
    } catch {
      collector = undefined; // it has failed, or is too long
    }
  };
  /** No clock of this reply goes on. */
  const quiet = () => {
    watch.hold();
    lock.drop();
  };
  const obey = (step: NextStep) => {
    if (reader.ended) quiet();
    if (step === 'wait' || settled) return;
    settled = true;
    // The program must hear of it before anything else is done.
    if (step === 'interrupt') claude?.interrupt();
    hand(0);
    nextTurn.prepare(step, claude, collector?.reply);
  };
  const fail = (error: GatewayError) => {
    if (reader.ended) return;
    reader.fail(error);
    claude?.interrupt();
    settled = true;
    quiet();
    hand(0);
  };
  const watch = createWatch(() => {
    const what = reader.begun
      ? 'was silent for too long in the middle of its answer'
      : 'did not begin to answer in time';
    fail(new GatewayError('timeout', `Claude Code or its upstream ${what}.`, { provider: ID }));
  }, limits);
  const teller = createTeller(fail);
  const tell = async (opened: ClaudeProcess, continued: boolean) => {
    if (!continued) {
      const failure = await teller.tell(opened, lines.setup, lines.writeHistory(turns.slice(0, -1)));
      if (failure !== undefined) return fail(failure);
    }
    if (reader.ended) return;
    asked = true;
    await opened.send(lines.writeQuestion(turns.at(-1) as (typeof turns)[number]));
  };
  const onLine = (line: JsonObject) => {
    if (!asked) return teller.onLine(line);
    heard = true;
    if (reader.ended && line.type === 'result') nextTurn.endTurn();
    else obey(reader.read(line));
  };
  const onChunk = (bytes: number) => {
    if (!reader.ended) {
      watch.touch(reader.begun);
      if (reader.begun && claude !== undefined) lock.closeSoon(claude);
    }
    hand(bytes);
  };

  const onEnd = (exit: ProgramExit) => {
    teller.stop();
    quiet();
    lost = !settled && !heard;
    if (!reader.ended) reader.end(exit);
    hand(0);
    queue.end();
  };

  return {
    start: (opened: ClaudeProcess, continued: boolean) => {
      claude = opened;
      opened.listen({ onLine, onAsk: tools.answer, onChunk, onEnd });
      watch.touch();
      void tell(opened, continued);
    },
    fail,
    /** The program ended without a word after the question: it says that it begins before it asks its upstream. */
    get lost() {
      return lost;
    },
    next: queue.next,
    /** Nobody reads any more. */
    leave: () => {
      quiet();
      teller.stop();
      if (!reader.ended) claude?.interrupt();
    },
  };
}
