// A plain reader of Kiro's answers for tests that look at the calls around it.
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { GatewayError } from '../../main/canonical/errors.ts';
import { createEventWriter } from '../../main/canonical/event-writer.ts';
import type { AnswerReader } from '../../main/providers/kiro/call.ts';

/** Knows text, the end and exceptions. */
export function createFrameReader(): AnswerReader {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  const writer = createEventWriter();
  let rest = Buffer.alloc(0);
  const read = (frame: Buffer) => {
    const { headers, body } = codec.decode(frame);
    const payload = JSON.parse(toUtf8(body)) as { content?: string; message?: string; stopReason?: string };
    const type = headers[':event-type']?.value;
    if (headers[':message-type']?.value === 'exception')
      writer.fail(new GatewayError('rate-limited', payload.message ?? '', { provider: 'kiro' }));
    else if (type === 'assistantResponseEvent') writer.text(payload.content ?? '');
    else if (type === 'metadataEvent')
      writer.end({ kind: payload.stopReason === 'CONTENT_FILTERED' ? 'content-filter' : 'stop' });
  };
  return {
    push: (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
        const length = rest.readUInt32BE(0);
        read(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      return writer.take();
    },
    end: () => {
      writer.end({ kind: 'stop' });
      return writer.take();
    },
    get ended() {
      return writer.ended;
    },
  };
}
