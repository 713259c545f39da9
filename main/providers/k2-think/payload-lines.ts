// Reads the payloads of K2-Think's streams line by line: its ends are words, numbers and even empty payloads, which a reader of
// proper event streams passes over, and nothing promises empty lines between two of them.
import { StringDecoder } from 'node:string_decoder';
import { GatewayError } from '../../canonical/errors.ts';
import { ID } from './hosts.ts';

/** Takes the chunks of one stream, gives the payloads that they complete. */
export interface PayloadReader {
  push(chunk: Buffer): readonly string[];
  /** The payload of a last line that has no end. */
  end(): readonly string[];
}

/** As cumulative payloads hold whole answers, lines are long. */
const LONGEST_LINE = 16 * 1024 ** 2;

/** A reader for one stream. Throws `GatewayError` for a line that is too long to be one. */
export function createPayloadReader(): PayloadReader {
  const decoder = new StringDecoder('utf8');
  let waiting: string[] = [];
  let length = 0;
  const feed = (text: string): string[] => {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    const whole = lines.map((line, index) => {
      const complete = index === 0 ? waiting.join('') + line : line;
      if (index === 0) {
        waiting = [];
        length = 0;
      }
      return complete;
    });
    waiting.push(last);
    length += last.length;
    if (length > LONGEST_LINE) {
      throw new GatewayError('upstream', 'K2-Think sent a line that is too long for a stream.', { provider: ID });
    }
    return whole.flatMap(readPayload);
  };
  return { push: (chunk) => feed(decoder.write(chunk)), end: () => feed(`${decoder.end()}\n`) };
}

function readPayload(line: string): string[] {
  const [, payload] = /^data:(.*)$/s.exec(line.trimEnd()) ?? [];
  return payload === undefined ? [] : [payload.trim()];
}
