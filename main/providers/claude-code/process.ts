// One running program and the control requests that go to it. Turns and replies are its user's: a pool could keep such
// a process as well as a single request does.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createNdjsonReader } from '../../subprocess/ndjson.ts';
import type { Program, ProgramCall, ProgramExit, ProgramRunner } from '../../subprocess/process.ts';
import { writeExit } from './failures.ts';
import { ID } from './names.ts';

/** A program that speaks lines of JSON both ways. */
export interface ClaudeProcess extends Pick<Program, 'pid' | 'finish' | 'interrupt' | 'pause' | 'resume' | 'exited'> {
  /** Whose it is from now on; what it says while it is nobody's is lost. */
  listen(listener: ClaudeListener | undefined): void;
  /** It has not ended. */
  readonly alive: boolean;
  /** Resolves when the program has taken the line. */
  send(line: JsonObject): Promise<void>;
  /** Resolves with the answer to a control request. Throws `GatewayError` with the program's words where it refuses. */
  control(request: JsonObject): Promise<JsonObject>;
}

/** Who listens to a process. All are called synchronously while a chunk is read. */
export interface ClaudeListener {
  /** One line, control requests and answers to them excepted. */
  readonly onLine: (line: JsonObject) => void;
  /** What the program asks; the answer, now or later, or undefined where it is to wait for one that never comes. */
  readonly onAsk?: (request: JsonObject) => JsonObject | Promise<JsonObject | undefined> | undefined;
  /** All lines of a chunk have been told. */
  readonly onChunk?: (bytes: number) => void;
  /** The program has ended, and all its lines were told. */
  readonly onEnd?: (exit: ProgramExit) => void;
}

interface Waiting {
  resolve(answer: JsonObject): void;
  reject(error: GatewayError): void;
}

/** How such a program is started. */
export interface ClaudeCall extends Omit<ProgramCall, 'onOutput'> {
  /** The program has said something for the first time: it has read what it was started with. */
  readonly onFirstOutput?: (() => void) | undefined;
}

/** Starts a program as soon as the runner has a place for it. Nobody listens to it yet. */
export async function openClaudeProcess(
  runner: ProgramRunner,
  { onFirstOutput, ...call }: ClaudeCall,
  signal: AbortSignal,
): Promise<ClaudeProcess> {
  const waiting = new Map<string, Waiting>();
  let listener: ClaudeListener | undefined;
  let alive = true;
  const lines = createNdjsonReader(() => {}); // what is no JSON is not meant for us
  let count = 0;

  const readAnswer = ({ response }: JsonObject) => {
    const answer = (response ?? {}) as JsonObject;
    const id = String(answer.request_id);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (answer.subtype === 'success') return asked?.resolve((answer.response ?? {}) as JsonObject);
    asked?.reject(
      new GatewayError('upstream', `Claude Code refused: ${answer.error ?? 'no reason given'}`, { provider: ID }),
    );
  };
  const answerAsked = ({ request_id: id = '', request }: JsonObject) => {
    const reply = (answer: JsonObject | undefined) => {
      if (answer === undefined) return;
      void send({ type: 'control_response', response: { subtype: 'success', request_id: id, response: answer } });
    };
    const answer = listener?.onAsk?.((request ?? {}) as JsonObject);
    // What can be said at once is said before the next line is read.
    if (answer instanceof Promise) void answer.then(reply);
    else reply(answer);
  };
  let silent = true;
  const onOutput = (chunk: Buffer) => {
    if (silent) onFirstOutput?.();
    silent = false;
    for (const value of lines.push(chunk)) {
      if (typeof value !== 'object' || value === null) continue;
      const line = value as JsonObject;
      if (line.type === 'control_response') readAnswer(line);
      else if (line.type === 'control_request') answerAsked(line);
      else listener?.onLine(line);
    }
    listener?.onChunk?.(chunk.length);
  };

  const program = await runner.run({ ...call, onOutput }, signal);
  void program.exited.then((exit) => {
    alive = false;
    for (const { reject } of waiting.values()) reject(writeExit(exit));
    waiting.clear();
    listener?.onEnd?.(exit);
  });
  const send = (line: JsonObject) => program.write(`${JSON.stringify(line)}\n`);

  return {
    listen: (next) => {
      listener = next;
      if (!alive) void program.exited.then((exit) => next?.onEnd?.(exit));
    },
    get alive() {
      return alive;
    },
    pid: program.pid,
    exited: program.exited,
    finish: program.finish,
    interrupt: program.interrupt,
    pause: program.pause,
    resume: program.resume,
    send,
    control: (request) =>
      new Promise((resolve, reject) => {
        count += 1;
        const id = `r${count}`;
        waiting.set(id, { resolve, reject });
        void send({ type: 'control_request', request_id: id, request });
      }),
  };
}
