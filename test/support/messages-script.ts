/** The scripted answers of the Messages API stand-in: their plain data shape and the bytes they become. */

/** Token counts of one answer; absent counts get small defaults. */
export interface ScriptUsage {
  input_tokens?: number;
  output_tokens?: number;
  cache_read_input_tokens?: number;
  cache_creation_input_tokens?: number;
}

/** Why a scripted answer ends. */
export type ScriptStopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'model_context_window_exceeded'
  | 'pause_turn'
  | 'refusal'
  | 'stop_sequence'
  | 'tool_use';

/** One scripted tool call. */
export interface ScriptToolUse {
  id: string;
  name: string;
  input: unknown;
}

/** One scripted answer; an empty object is a small complete text. */
export interface MessageScript {
  /** The whole text, streamed word by word; '' leaves the answer without a text block. */
  text?: string;
  /** The exact text deltas, in place of `text`. */
  deltas?: string[];
  thinking?: { text: string; signature: string };
  toolUses?: ScriptToolUse[];
  /** Default: 'tool_use' when there are tool calls, else 'end_turn'. */
  stopReason?: ScriptStopReason;
  /** The sequence reported with stopReason 'stop_sequence'. */
  stopSequence?: string;
  usage?: ScriptUsage;
  /** The model name to report; default: the requested one. */
  model?: string;
  /** From 400 on the answer is an error envelope; below it is the status of the normal answer. */
  status?: number;
  /** Type of the error envelope or of the SSE error event; default: the one that belongs to the status. */
  errorType?: string;
  /** Message of the error envelope or of the SSE error event. */
  message?: string;
  /** Extra response headers, such as retry-after. */
  headers?: Record<string, string>;
  /** Pause before every delta but the first, in milliseconds. */
  delayMs?: number;
  /** Lets each delta of any block out only when the test releases it. */
  gate?: DeltaGate;
  /** Destroys the socket right after that many deltas (0: right after message_start). */
  cutAfterDeltas?: number;
  /** Sends an SSE `error` event right after that many deltas and ends (0: right after message_start). */
  errorAfterDeltas?: number;
  /** Never answers, or never goes on after message_start. */
  hang?: 'before-headers' | 'after-start';
  /** Adds a ping in front of every delta. */
  noise?: boolean;
}

/** One server-sent event of an answer. */
export interface ScriptEvent {
  type: string;
  [field: string]: unknown;
}

const defaultText = 'Hello from the stub.';

const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const errorMessages: Record<number, string> = {
  401: 'invalid x-api-key',
  429: 'This request would exceed your rate limit. Please try again later.',
  500: 'Internal server error',
  529: 'Overloaded',
};

/** A turnstile that lets scripted deltas out one by one. */
export class DeltaGate {
  #allowed = 0;
  #waiting: Array<() => void> = [];

  /** Lets the next `count` deltas out, those still to come included. */
  release(count = 1): void {
    this.#allowed += count;
    while (this.#allowed > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#allowed -= 1;
      next();
    }
  }

  /** Lets everything out from now on. */
  open(): void {
    this.release(Number.POSITIVE_INFINITY);
  }

  /** Resolves when one delta may pass; called by the stub. */
  pass(): Promise<void> {
    if (this.#allowed > 0) {
      this.#allowed -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Yields the events of one streamed answer in Anthropic's order. */
export function* scriptEvents(script: MessageScript, id: string, model: string): Generator<ScriptEvent> {
  const message = { ...wholeMessage(script, id, model), content: [], stop_reason: null, stop_sequence: null };
  yield { type: 'message_start', message: { ...message, usage: { ...message.usage, output_tokens: 1 } } };
  let index = 0;
  for (const { start, deltas } of blocks(script)) {
    yield { type: 'content_block_start', index, content_block: start };
    if (index === 0) yield { type: 'ping' };
    for (const delta of deltas) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
    index += 1;
  }
  const { stop_reason, stop_sequence, usage } = wholeMessage(script, id, model);
  const { service_tier: _tier, cache_creation: _creation, ...counts } = usage;
  yield { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: counts };
  yield { type: 'message_stop' };
}

/** Builds the whole JSON message that answers a request with `stream: false`. */
export function wholeMessage(script: MessageScript, id: string, model: string) {
  const created = script.usage?.cache_creation_input_tokens ?? 0;
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: script.model ?? model,
    content: blocks(script).map((block) => block.whole),
    stop_reason: script.stopReason ?? (script.toolUses?.length ? 'tool_use' : 'end_turn'),
    stop_sequence: script.stopSequence ?? null,
    usage: {
      input_tokens: script.usage?.input_tokens ?? 10,
      cache_creation_input_tokens: created,
      cache_read_input_tokens: script.usage?.cache_read_input_tokens ?? 0,
      cache_creation: { ephemeral_5m_input_tokens: created, ephemeral_1h_input_tokens: 0 },
      output_tokens: script.usage?.output_tokens ?? 5,
      service_tier: 'standard',
    },
  };
}

/** Builds Anthropic's error envelope, used as a body and as the SSE `error` event. */
export function errorEnvelope(script: MessageScript, requestId: string): ScriptEvent {
  const status = script.status ?? 529;
  const type = script.errorType ?? errorTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const message = script.message ?? errorMessages[status] ?? `Scripted failure ${status}`;
  return { type: 'error', error: { type, message }, request_id: requestId };
}

/** Frames one event as Anthropic does: an `event:` line, one `data:` line, an empty line. */
export function frameEvent(event: ScriptEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** One content block three ways: as its opening event, as its deltas, and whole. */
interface Block {
  start: Record<string, unknown>;
  deltas: Array<Record<string, unknown>>;
  whole: Record<string, unknown>;
}

function blocks(script: MessageScript): Block[] {
  const { thinking, toolUses = [] } = script;
  const text = script.deltas?.join('') ?? script.text ?? (toolUses.length > 0 ? '' : defaultText);
  const list: Block[] = [];
  if (thinking !== undefined) list.push(thinkingBlock(thinking));
  if (text !== '') list.push(textBlock(text, script.deltas ?? words(text)));
  return [...list, ...toolUses.map(toolBlock)];
}

function thinkingBlock({ text, signature }: { text: string; signature: string }): Block {
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...words(text).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature },
    ],
    whole: { type: 'thinking', thinking: text, signature },
  };
}

function textBlock(text: string, deltas: string[]): Block {
  return {
    start: { type: 'text', text: '' },
    deltas: deltas.map((piece) => ({ type: 'text_delta', text: piece })),
    whole: { type: 'text', text },
  };
}

function toolBlock({ id, name, input }: ScriptToolUse): Block {
  const json = JSON.stringify(input);
  const third = Math.max(1, Math.ceil(json.length / 3));
  const pieces = ['', json.slice(0, third), json.slice(third, 2 * third), json.slice(2 * third)];
  return {
    start: { type: 'tool_use', id, name, input: {} },
    deltas: pieces
      .filter((piece, index) => index === 0 || piece !== '')
      .map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    whole: { type: 'tool_use', id, name, input },
  };
}

function words(text: string): string[] {
  return text.match(/\S*\s+|\S+/g) ?? [];
}
