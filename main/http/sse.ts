// Reads event streams (server-sent events) out of raw chunks, whatever their borders.
import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { GatewayError } from '../canonical/errors.ts';

/** One event of a stream. */
export interface ServerSentEvent {
  /** The `event:` line, if there was one. */
  readonly event?: string;
  /** The `data:` lines, joined. */
  readonly data: string;
}

/** Takes chunks, gives the events that they complete. */
export interface ServerSentEventReader {
  push(chunk: Buffer): readonly ServerSentEvent[];
  /** The events of a last block that the upstream did not close with an empty line. */
  end(): readonly ServerSentEvent[];
}

/** Large enough for an image in one event. */
const MOST_WAITING = 64 * 1024 ** 2;

/**
 * A reader for one stream; comments and retry lines are skipped. Throws `GatewayError` where more than `mostWaiting`
 * characters have come that complete no event.
 */
export function createServerSentEventReader(mostWaiting = MOST_WAITING): ServerSentEventReader {
  let events: ServerSentEvent[] = [];
  const decoder = new StringDecoder('utf8');
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onError: ({ type }) => {
      if (type !== 'max-buffer-size-exceeded') return;
      throw new GatewayError('upstream', `The upstream sent an event of more than ${mostWaiting} characters.`);
    },
    maxBufferSize: mostWaiting,
  });
  const feed = (text: string): readonly ServerSentEvent[] => {
    events = [];
    parser.feed(text);
    return events;
  };
  return {
    push: (chunk) => feed(decoder.write(chunk)),
    end: () => feed(`${decoder.end()}\n\n`),
  };
}
