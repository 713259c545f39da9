// The frames of Kiro's answers as a test writes them, in Amazon's own codec.
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const codec = new EventStreamCodec(toUtf8, fromUtf8);
const text = (value: string) => ({ type: 'string' as const, value });

function frame(headers: Readonly<Record<string, string>>, payload: object): Buffer {
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, text(value)]));
  const body = fromUtf8(JSON.stringify(payload));
  return Buffer.from(codec.encode({ headers: { ...named, ':content-type': text('application/json') }, body }));
}

/** One event of any kind. */
export function event(type: string, payload: object): Buffer {
  return frame({ ':message-type': 'event', ':event-type': type }, payload);
}

/** An exception in the middle of an answer. */
export function exception(type: string, payload: object): Buffer {
  return frame({ ':message-type': 'exception', ':exception-type': type }, payload);
}

/** A piece of text. */
export const say = (content: string, modelId = 'claude-sonnet-4.5') =>
  event('assistantResponseEvent', { content, modelId });

/** A piece of thinking, or its signature. */
export const think = (words: string, signature?: string) =>
  event('reasoningContentEvent', signature === undefined ? { text: words } : { text: words, signature });

/** A tool call in the pieces that the upstream makes of it. */
export function callTool(toolUseId: string, name: string, input: object): Buffer[] {
  const json = JSON.stringify(input);
  const half = Math.ceil(json.length / 2);
  return [
    event('toolUseEvent', { toolUseId, name }),
    event('toolUseEvent', { toolUseId, name, input: json.slice(0, half) }),
    event('toolUseEvent', { toolUseId, name, input: json.slice(half) }),
    event('toolUseEvent', { toolUseId, name, stop: true }),
  ];
}

/** How an answer ends: why, how full the window is, what it has cost. */
export function finish(stopReason = 'END_TURN', tokenUsage?: object): Buffer[] {
  return [
    event('metadataEvent', { stopReason, ...(tokenUsage === undefined ? {} : { tokenUsage }) }),
    event('contextUsageEvent', { contextUsagePercentage: 3.27 }),
    event('meteringEvent', { unit: 'credit', unitPlural: 'credits', usage: 0.0897 }),
  ];
}
