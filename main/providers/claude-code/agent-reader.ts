// Reads what a program says while it works as an agent: the model's words as text, its thinking and its steps as reasoning.
// Helpers that it starts are heard only through the step that started them. It touches no process.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { EventBatch, FinishReason } from '../../canonical/events.ts';
import type { ProgramExit } from '../../subprocess/process.ts';
import type { SingleContext } from '../context.ts';
import { describeOutcome, describeStep } from './agent-steps.ts';
import { createAgentText } from './agent-text.ts';
import { readFailure, writeExit, writeFailure } from './failures.ts';
import { ID } from './names.ts';
import type { NextStep } from './stream.ts';
import { addUsage, readFinishReason, readPlan, readReset, readUsage } from './usage.ts';
import type { WireBlock, WireEvent, WireMessage, WireUsage } from './wire.ts';

/** Takes the lines of one turn, gives its events. */
export interface AgentReader {
  /** Takes one line. `finish` ends the turn well: the program can go on. */
  read(line: JsonObject): NextStep;
  /** The program has ended. */
  end(exit: ProgramExit): void;
  /** Ends the reply as failed, for a reason outside the lines. */
  fail(error: GatewayError): void;
  /** The events since the last call, possibly none. */
  take(): EventBatch;
  /** The upstream has begun to answer. */
  readonly begun: boolean;
  /** A message of the model's is on its way. */
  readonly inMessage: boolean;
  /** A tool runs, or waits for a person: silence means nothing. */
  readonly busy: boolean;
  readonly ended: boolean;
}

/** What a reader must know. */
export interface AgentReaderOptions {
  readonly showsSteps: boolean;
  /** The project's folder. */
  readonly folder: string;
  readonly note: (text: string) => void;
  /** Hears what the program says of the plan; it need not say anything. */
  readonly meter: SingleContext['meter'];
}

/** Why the program stops an agent by itself, and what a person is told. */
const LIMITS: Readonly<Record<string, { raw: string; words: string }>> = {
  error_max_turns: {
    raw: 'max_turns',
    words: 'The agent was stopped: it has used all rounds of tools that one answer may take.',
  },
  error_max_budget_usd: {
    raw: 'max_budget_usd',
    words: 'The agent was stopped: it has spent what one answer may cost.',
  },
};

/** A reader for one turn. */
export function createAgentReader({ showsSteps, folder, note, meter }: AgentReaderOptions): AgentReader {
  const text = createAgentText();
  const open = new Map<string, string>();
  let total: WireUsage = {};
  let current: WireUsage = {};
  let messageId: string | undefined;
  let begun = false;
  let inMessage = false;
  let acted = false;
  /** Several tools run at a time, so that an outcome has to say whose it is. */
  let together = false;
  let resetsAtMs: number | undefined;
  let failed: JsonObject | undefined;

  const fail = (error: GatewayError) => {
    // What was done once must not be done again by whoever asks again.
    text.fail(acted ? keepFromRetry(error) : error);
  };
  const step = (line: string) => {
    if (showsSteps) text.step(line);
  };
  const countMessage = () => {
    total = addUsage(total, current);
    current = {};
  };
  const finish = (reason: FinishReason): NextStep => {
    countMessage();
    text.end(reason, readUsage(total));
    return 'finish';
  };
  const startMessage = ({ id, model, usage }: WireMessage): NextStep => {
    if (inMessage && text.saidInMessage) {
      const words = 'Claude Code began its answer anew; what came before it is not complete.';
      fail(new GatewayError('upstream', words, { provider: ID }));
      return 'interrupt';
    }
    countMessage();
    messageId = id;
    begun = true;
    inMessage = true;
    current = { ...usage };
    text.startMessage({ id, model });
    return 'wait';
  };
  const readEvent = ({ type, message, delta, usage }: WireEvent): NextStep => {
    switch (type) {
      case 'message_start':
        return startMessage(message ?? {});
      case 'content_block_delta':
        if (delta?.type === 'text_delta') text.say(delta.text ?? '');
        if (delta?.type === 'thinking_delta') text.think(delta.thinking ?? '');
        return 'wait';
      case 'message_delta':
        current = { ...current, ...usage };
        // Without a reason it is the tidy end that the program invents after a failure.
        if (delta?.stop_reason) inMessage = false;
        return 'wait';
      default:
        return 'wait';
    }
  };
  const readAssistant = (line: JsonObject): NextStep => {
    const message = (line.message ?? {}) as WireMessage;
    // An error of the program's in an answer's place: its result says the rest.
    if (message.model === '<synthetic>') return 'wait';
    const isWhole = message.id !== messageId;
    if (isWhole) startMessage(message);
    for (const block of message.content ?? []) readBlock(block, isWhole);
    if (isWhole) inMessage = false;
    return 'wait';
  };
  const readBlock = (block: WireBlock, isWhole: boolean) => {
    if (isWhole) {
      text.think(block.thinking ?? '');
      text.say(block.text ?? '');
    }
    if (block.type !== 'tool_use' || open.has(block.id ?? '')) return;
    acted = true;
    together = open.size > 0;
    open.set(block.id ?? '', block.name ?? '');
    step(describeStep(block.name ?? '', (block.input ?? {}) as JsonObject, folder));
  };
  const readResults = ({ message }: JsonObject) => {
    const { content } = (message ?? {}) as JsonObject;
    if (!Array.isArray(content)) return;
    for (const block of content as readonly JsonObject[]) {
      const id = String(block.tool_use_id ?? '');
      const name = open.get(id);
      if (block.type !== 'tool_result' || name === undefined) continue;
      const among = together ? `${name}: ` : '';
      open.delete(id);
      step(`${among}${describeOutcome(block.is_error === true, block.content)}`);
    }
  };
  const readResult = (line: JsonObject): NextStep => {
    open.clear();
    inMessage = false;
    const limit = LIMITS[String(line.subtype)];
    if (limit !== undefined) {
      note(limit.words);
      step(limit.words);
      return finish({ kind: 'length', raw: limit.raw });
    }
    if (line.stop_reason === 'refusal') return finish({ kind: 'content-filter', raw: 'refusal' });
    if (line.is_error === true) {
      failed = line;
      return 'interrupt';
    }
    if (begun) return finish(readFinishReason(typeof line.stop_reason === 'string' ? line.stop_reason : 'end_turn'));
    const words = 'Claude Code ended the turn without having asked its upstream.';
    fail(new GatewayError('internal', words, { provider: ID, cause: line }));
    return 'interrupt';
  };

  return {
    read: (line) => {
      if (line.type === 'rate_limit_event') meter?.(readPlan(line));
      if (text.ended || failed !== undefined) return 'wait';
      if (typeof line.parent_tool_use_id === 'string') return 'wait';
      switch (line.type) {
        case 'stream_event':
          return readEvent((line.event ?? {}) as WireEvent);
        case 'assistant':
          return readAssistant(line);
        case 'user':
          readResults(line);
          return 'wait';
        case 'rate_limit_event':
          resetsAtMs = readReset(line) ?? resetsAtMs;
          return 'wait';
        case 'result':
          return readResult(line);
        default:
          return 'wait';
      }
    },
    end: (exit) => {
      if (failed === undefined) fail(writeExit(exit));
      else fail(writeFailure(readFailure({ line: failed, resetsAtMs, begun, stderr: exit.stderr })));
    },
    fail,
    take: () => text.take(),
    get begun() {
      return begun;
    },
    get inMessage() {
      return inMessage;
    },
    get busy() {
      return open.size > 0;
    },
    get ended() {
      return text.ended;
    },
  };
}

function keepFromRetry(error: GatewayError): GatewayError {
  const { kind, message, retryAfterMs, status, code, param, provider, cause } = error;
  if (!error.retryable) return error;
  return new GatewayError(kind, message, { retryable: false, retryAfterMs, status, code, param, provider, cause });
}
