// One request, one process: sets it up, tells it the conversation, reads its reply, and sees to its end. Nothing of the
// request stays behind.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { ProgramCall, ProgramExit, ProgramRunner } from '../../subprocess/process.ts';
import type { UpstreamLimits } from '../provider.ts';
import { readFailure, writeFailure } from './failures.ts';
import { ID } from './names.ts';
import { type ClaudeProcess, openClaudeProcess } from './process.ts';
import { createReplyQueue } from './reply-queue.ts';
import type { ClaudeLines } from './request.ts';
import { createReplyReader, type NextStep } from './stream.ts';

/** What one conversation with the program needs. */
export interface ConverseOptions {
  readonly runner: ProgramRunner;
  readonly call: Omit<ProgramCall, 'onOutput'>;
  /** Cleans up behind the call, once the program has ended. */
  readonly clean: () => Promise<void>;
  readonly lines: ClaudeLines;
  readonly renewsLogin: boolean;
  readonly limits: UpstreamLimits;
  readonly signal: AbortSignal;
}

/** A program whose input is closed ends by itself within milliseconds. */
const GRACE_MS = 2_000;

/** The reply. Throws `GatewayError` while nothing has been yielded; later failures are an `error` event. */
export async function* converse(options: ConverseOptions): EventStream {
  const { runner, call, clean, lines, signal } = options;
  const reply = createReply(options);
  let claude: ClaudeProcess;
  try {
    claude = await openClaudeProcess(runner, call, reply, signal);
  } catch (thrown) {
    await clean();
    throw signal.aborted ? readAbort(signal) : readError(thrown);
  }
  void claude.exited.then((exit) => {
    reply.end(exit);
    void clean();
  });
  const onAbort = () => reply.fail(readAbort(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  reply.start(claude, lines);
  if (signal.aborted) onAbort();

  let yielded = false;
  try {
    for (let batch = await reply.next(); batch !== undefined; batch = await reply.next()) {
      const [first] = batch;
      if (!yielded && first?.type === 'error') throw first.error;
      yielded = true;
      yield batch;
      const last = batch.at(-1)?.type;
      if (last === 'reply-end' || last === 'error') return;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    reply.leave();
  }
}

/** One reply in the making: what the program says, what it is told, and what both lead to. */
function createReply({ limits, renewsLogin, lines: { names, tools } }: ConverseOptions) {
  const reader = createReplyReader({ renewsLogin, names });
  let claude: ClaudeProcess | undefined;
  let acknowledge: ((failure?: GatewayError) => void) | undefined;
  let asked = false;

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
    if (batch.length > 0) queue.push(batch, bytes);
  };
  const obey = (step: NextStep) => {
    if (step === 'interrupt') claude?.interrupt();
    else if (step === 'finish') claude?.finish(GRACE_MS);
    if (reader.ended) watch.hold();
  };
  const fail = (error: GatewayError) => {
    if (reader.ended) return;
    reader.fail(error);
    obey('interrupt');
    hand(0);
  };
  const watch = createWatch(() => {
    const what = reader.begun
      ? 'was silent for too long in the middle of its answer'
      : 'did not begin to answer in time';
    fail(new GatewayError('timeout', `Claude Code or its upstream ${what}.`, { provider: ID }));
  }, limits);
  const tell = async (opened: ClaudeProcess, lines: ClaudeLines) => {
    for (const request of lines.setup) opened.control(request).catch((error) => fail(readError(error)));
    for (const line of lines.history) {
      if (reader.ended) return;
      const taken = new Promise<GatewayError | undefined>((resolve) => {
        acknowledge = resolve;
      });
      await opened.send(line);
      // The program is quicker with what the model said than with what the user said: without waiting they change places.
      const failure = line.type === 'user' ? await taken : undefined;
      if (failure !== undefined) return fail(failure);
    }
    asked = true;
    await opened.send(lines.question);
  };

  return {
    onLine: (line: JsonObject) => {
      if (asked) obey(reader.read(line));
      else if (line.type === 'result') acknowledge?.(readEarlyFailure(line));
    },
    onAsk: tools.answer,
    onChunk: (bytes: number) => {
      if (!reader.ended) watch.touch(reader.begun);
      hand(bytes);
    },
    start: (opened: ClaudeProcess, lines: ClaudeLines) => {
      claude = opened;
      watch.touch();
      void tell(opened, lines);
    },
    fail,
    /** The program has ended. */
    end: (exit: ProgramExit) => {
      acknowledge?.();
      watch.hold();
      if (!reader.ended) reader.end(exit);
      hand(0);
      queue.end();
    },
    next: queue.next,
    /** Nobody reads any more. */
    leave: () => {
      watch.hold();
      if (!reader.ended) claude?.interrupt();
    },
  };
}

function readEarlyFailure(line: JsonObject): GatewayError | undefined {
  if (line.is_error !== true) return undefined;
  return writeFailure(readFailure({ line, resetsAtMs: undefined, begun: false, stderr: '' }));
}

function readAbort({ reason }: AbortSignal): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError('aborted', 'The request was given up.', { provider: ID, cause: reason });
}

/** Calls `onSilence` when nothing was heard for too long: before the answer begins, or within it. */
function createWatch(onSilence: () => void, { firstByteMs, idleMs }: UpstreamLimits) {
  let timer: NodeJS.Timeout | undefined;
  let within = false;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(onSilence, within ? idleMs : firstByteMs);
  };
  return {
    /** Something was heard, or may be heard again. Lines before the answer do not prolong the wait for it. */
    touch: (begun = within) => {
      if (timer === undefined || begun !== within) {
        within = begun;
        start();
      } else if (within) timer.refresh();
    },
    /** Silence is not the program's fault, or does not matter any more. */
    hold: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
