// Amazon's binary event stream: frames with checksums, cut anywhere by the network. The codec checks and reads whole frames;
// here they are found. A damaged frame ends the stream: skipping it could lose half a call without anybody noticing.
import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { GatewayError } from '../../canonical/errors.ts';
import { ID } from './formats.ts';

/** One frame. */
export interface EventFrame {
  /** `event`, `exception` or `error`; what says nothing is an event. */
  readonly kind: string;
  /** The name of the event, the exception or the error. */
  readonly type: string;
  /** The words of an `error`, which has them in its headers. */
  readonly message: string | undefined;
  /** UTF-8; valid until the next chunk. */
  readonly payload: Buffer;
}

/** Takes chunks, gives the frames that are complete. */
export interface EventFrameReader {
  /** Calls `read` for each frame in order. Throws `GatewayError` at a damaged one, after those before it. */
  push(chunk: Buffer, read: (frame: EventFrame) => void): void;
  /** Throws `GatewayError` where the stream stopped within a frame. */
  end(): void;
}

const PRELUDE_BYTES = 12;
const LEAST_BYTES = 16;
const MOST_BYTES = 16 * 1024 ** 2;
const MOST_HEADER_BYTES = 128 * 1024;

const toBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A reader for one stream. */
export function createEventFrameReader(): EventFrameReader {
  const codec = new EventStreamCodec(
    (bytes) => (typeof bytes === 'string' ? bytes : toBuffer(bytes).toString('utf8')),
    (text) => Buffer.from(text, 'utf8'),
  );
  let pieces: Buffer[] = [];
  let held = 0;
  /** How much must be there before anything can be told. */
  let needed = PRELUDE_BYTES;

  return {
    push: (chunk, read) => {
      pieces.push(chunk);
      held += chunk.length;
      // Joined once a whole frame is there, not for every piece of it.
      if (held < needed) return;
      const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
      let at = 0;
      for (;;) {
        const rest = bytes.length - at;
        needed = rest < PRELUDE_BYTES ? PRELUDE_BYTES : readLength(bytes, at);
        if (rest < needed) break;
        read(decode(codec, bytes.subarray(at, at + needed)));
        at += needed;
      }
      pieces = at === bytes.length ? [] : [bytes.subarray(at)];
      held = bytes.length - at;
    },
    end: () => {
      if (held > 0) throw createDamage('The upstream closed the connection in the middle of its answer.', 'cut_frame');
    },
  };
}

/** The length of the frame at `at`, its checksum tested: a wrong one would have us wait for bytes that never come. */
function readLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  const headers = bytes.readUInt32BE(at + 4);
  const isSound = crc32(bytes.subarray(at, at + 8)) === bytes.readUInt32BE(at + 8);
  if (!isSound) throw createDamage('The answer of the upstream is damaged: a checksum is wrong.', 'damaged_frame');
  if (length < LEAST_BYTES || length > MOST_BYTES || headers > MOST_HEADER_BYTES || headers > length - LEAST_BYTES)
    throw createDamage('The answer of the upstream is damaged: a frame has an impossible length.', 'damaged_frame');
  return length;
}

function decode(codec: EventStreamCodec, bytes: Buffer): EventFrame {
  let frame: ReturnType<EventStreamCodec['decode']>;
  try {
    frame = codec.decode(bytes);
  } catch (cause) {
    throw createDamage(
      'The answer of the upstream is damaged: a checksum or a header is wrong.',
      'damaged_frame',
      cause,
    );
  }
  const { headers, body } = frame;
  const text = (name: string) => {
    const value = headers[name]?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const kind = text(':message-type') ?? 'event';
  const type = text(':event-type') ?? text(':exception-type') ?? text(':error-code') ?? '';
  return { kind, type, message: text(':error-message'), payload: toBuffer(body) };
}

function createDamage(message: string, code: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream', message, { provider: ID, code, cause });
}
