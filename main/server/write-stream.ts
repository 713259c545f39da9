// Writes one stream to its client: at the client's pace, with a sign of life in silence, and broken off visibly.
import type { ServerResponse } from 'node:http';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { EventBatch, EventStream } from '../canonical/events.ts';
import type { Protocol, StreamWriter } from '../protocols/protocol.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import { nameRequest, type Visit } from './answers.ts';
import type { SilenceWatch } from './silence.ts';

/** Whose stream it is. */
export interface StreamContext {
  readonly visit: Visit;
  readonly record: RequestRecord;
  /** Aborted when the client has gone, or reads no more. */
  readonly client: AbortController;
  readonly silence: SilenceWatch;
}

/**
 * Writes batches as they come, one write each, no faster than the client reads. The head goes out with the first frame,
 * so that a failure before it still has its true status; or with the first comment, when the upstream is slow.
 */
export async function writeStream(
  events: EventStream,
  writer: StreamWriter,
  protocol: Protocol,
  { visit, record, client, silence }: StreamContext,
): Promise<void> {
  const { response } = visit;
  const naming = nameRequest(protocol, visit);
  const start = () => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': writer.contentType, 'cache-control': 'no-cache', ...naming });
    record.update({ status: 200 });
  };
  const watched = {
    silentTicks: 0,
    blockedTicks: undefined as number | undefined,
    onSilence: () => {
      start();
      response.write(writer.keepAlive);
    },
    onStall: () => {
      client.abort(new GatewayError('aborted', 'The client stopped reading.'));
      response.destroy();
    },
  };
  const unwatch = silence.add(watched);
  let lastFrames: string | undefined;
  try {
    for await (const batch of events) {
      const text = writer.write(batch);
      const failed = findError(batch);
      if (failed !== undefined) {
        lastFrames = text;
        throw failed;
      }
      if (text === '') continue;
      start();
      watched.silentTicks = 0;
      if (!response.write(text)) {
        watched.blockedTicks = 0;
        await drained(response);
        watched.blockedTicks = undefined;
      }
    }
    response.end();
  } catch (thrown) {
    const error = client.signal.aborted ? readError(client.signal.reason) : readError(thrown);
    // Before the head is out the caller still answers with a true status.
    if (response.headersSent) breakOff(response, lastFrames ?? writer.write([{ type: 'error', error }]));
    throw error;
  } finally {
    unwatch();
  }
}

/** How long the last frames of a broken stream may take to leave. */
const BREAK_OFF_MS = 5_000;

/** Sends the last frames and then cuts the connection, so that no client takes a broken stream for a complete one. */
function breakOff(response: ServerResponse, frames: string): void {
  if (response.destroyed) return;
  response.socket?.setTimeout(BREAK_OFF_MS, () => response.destroy());
  response.write(frames, () => response.destroy());
}

function findError(batch: EventBatch): GatewayError | undefined {
  const last = batch.at(-1);
  return last?.type === 'error' ? last.error : undefined;
}

function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
