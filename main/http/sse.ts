// Reads event streams (server-sent events) out of raw chunks, whatever their borders.
import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';

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

/** A reader for one stream; comments and retry lines are skipped. */
export function createServerSentEventReader(): ServerSentEventReader {
  let events: ServerSentEvent[] = [];
  const decoder = new StringDecoder('utf8');
  const parser = createParser({ onEvent: (event) => events.push(event) });
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
