// Frames of Kiro's binary event stream: of every kind of event, exceptions, and damaged ones. Built with Amazon's own codec.
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** One frame with these headers. */
export function writeFrame(headers: Readonly<Record<string, string>>, payload: unknown): Buffer {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const values = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }] as const);
  return Buffer.from(codec.encode({ headers: Object.fromEntries(values), body: fromUtf8(body) }));
}

/** An event of any name. */
export function writeEvent(type: string, payload: unknown): Buffer {
  const headers = { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' };
  return writeFrame(headers, payload);
}

/** Frames of each kind, as the upstream sends them. */
export const frames = {
  text: (content: string, modelId?: string) => writeEvent('assistantResponseEvent', { content, modelId }),
  reasoning: (text: string) => writeEvent('reasoningContentEvent', { text, signature: null }),
  signature: (signature: string) => writeEvent('reasoningContentEvent', { signature }),
  redacted: (redactedContent: string) => writeEvent('reasoningContentEvent', { redactedContent }),
  /** A piece of a call; absent fields are left out. */
  tool: (piece: { toolUseId?: string; name?: string; input?: unknown; stop?: boolean }) =>
    writeEvent('toolUseEvent', piece),
  /** A whole call in pieces of `size` characters, as the upstream sends one. */
  toolCall: (toolUseId: string, name: string, input: string, size = 8) =>
    Buffer.concat([
      writeEvent('toolUseEvent', { toolUseId, name, input: {} }),
      ...(input.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []).map((piece) =>
        writeEvent('toolUseEvent', { toolUseId, name, input: piece }),
      ),
      writeEvent('toolUseEvent', { toolUseId, name, stop: true }),
    ]),
  stop: (stopReason: string) => writeEvent('metadataEvent', { stopReason }),
  tokens: (tokenUsage: Readonly<Record<string, number>>) => writeEvent('metadataEvent', { tokenUsage }),
  context: (contextUsagePercentage: number) => writeEvent('contextUsageEvent', { contextUsagePercentage }),
  metering: (usage: number) => writeEvent('meteringEvent', { unit: 'credit', unitPlural: 'credits', usage }),
  message: (utteranceId: string) => writeEvent('messageMetadataEvent', { conversationId: 'c', utteranceId }),
  invalidState: (reason: string, message: string) => writeEvent('invalidStateEvent', { reason, message }),
  /** Known ones that a client has no use for. */
  ignored: () => [
    writeEvent('followupPromptEvent', { followupPrompt: { content: 'And now?' } }),
    writeEvent('codeReferenceEvent', { references: [{ licenseName: 'MIT' }] }),
    writeEvent('citationEvent', {}),
    writeEvent('intentsEvent', {}),
    writeEvent('supplementaryWebLinksEvent', {}),
    writeEvent('messageStopEvent', {}),
    writeEvent('metricsEvent', 'no JSON at all'),
  ],
  /** What every whole answer ends with. */
  tail: (stopReason = 'END_TURN') =>
    Buffer.concat([frames.stop(stopReason), frames.context(3.27), frames.metering(0.0897)]),
  /** An exception inside an answer that began with status 200. */
  exception: (type: string, message: string, reason?: string) =>
    writeFrame({ ':message-type': 'exception', ':exception-type': type }, { message, reason }),
  /** An error of the framing itself: its words stand in headers. */
  error: (code: string, message: string) =>
    writeFrame({ ':message-type': 'error', ':error-code': code, ':error-message': message }, ''),
};

/** The same frame with a bit turned in its `prelude`, its `payload`, or its last checksum. */
export function damage(frame: Buffer, where: 'prelude' | 'payload' | 'checksum'): Buffer {
  const damaged = Buffer.from(frame);
  const at = where === 'prelude' ? 2 : where === 'payload' ? frame.length - 8 : frame.length - 1;
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  return damaged;
}

/** The frame without its last `bytes`. */
export function cut(frame: Buffer, bytes = 5): Buffer {
  return frame.subarray(0, frame.length - bytes);
}
