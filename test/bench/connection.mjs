// @ts-check
// One keep-alive connection of the load generator: sends a prepared request, times it and counts the deltas of the
// answer, byte-wise and without parsing, so that the generator stays cheaper than what it measures.
import { connect } from 'node:net';
import { DELTA_BYTE, readClockUs, STAMP_DIGITS } from './marks.mjs';

/** More than the longest mark. */
const TAIL_BYTES = 64;
const CHUNKED_END = Buffer.from('\r\n0\r\n\r\n');
/** How a stream of chat completions ends. */
export const DONE = 'data: [DONE]';

/**
 * What one request came to; times in milliseconds.
 * @typedef {{ ok: boolean, wholeMs: number, firstMs: number, deltas: number, lagsMs: number[], problem?: string }} Outcome
 */

/** Opens a connection. @param {{ host: string, port: number }} address */
export function openConnection(address) {
  const socket = connect({ ...address, noDelay: true });
  /** @type {ReturnType<typeof createReader> | undefined} */
  let reader;
  /** @type {((outcome: Outcome) => void) | undefined} */
  let finish;
  /** @param {string} [problem] */
  const settle = (problem) => {
    const done = finish;
    const outcome = reader?.close(problem);
    finish = undefined;
    reader = undefined;
    if (done !== undefined && outcome !== undefined) done(outcome);
  };
  socket.on('data', (chunk) => {
    if (reader?.read(chunk) === true) settle();
  });
  socket.on('error', (error) => settle(error.message));
  socket.on('close', () => settle('the connection was closed'));
  return {
    /**
     * Sends `request` and calls back once. A streamed answer is complete when it held `endMark`; another needs none.
     * @param {Buffer} request
     * @param {string | undefined} endMark
     * @param {(outcome: Outcome) => void} callback
     */
    send: (request, endMark, callback) => {
      reader = createReader(endMark);
      finish = callback;
      if (socket.destroyed) settle('the connection was closed');
      else socket.write(request);
    },
    close: () => socket.destroy(),
  };
}

/** Reads one answer. @param {string | undefined} endMark */
function createReader(endMark) {
  const startedUs = readClockUs();
  let firstUs = 0;
  let deltas = 0;
  let head = '';
  let inBody = false;
  let bytesLeft = -1;
  /** @type {Buffer} */
  let tail = Buffer.alloc(0);
  let sawDone = false;
  /** @type {number[]} */
  const lagsMs = [];

  /** @param {Buffer} chunk @param {number} nowUs */
  const count = (chunk, nowUs) => {
    for (let at = chunk.indexOf(DELTA_BYTE); at >= 0; at = chunk.indexOf(DELTA_BYTE, at + 1)) {
      if (firstUs === 0) firstUs = nowUs;
      deltas += 1;
      const first = chunk[at + 1] ?? 0;
      if (first < 0x30 || first > 0x39 || at + STAMP_DIGITS >= chunk.length) continue;
      const lag = (nowUs - Number(chunk.toString('latin1', at + 1, at + 1 + STAMP_DIGITS))) / 1000;
      if (!Number.isNaN(lag)) lagsMs.push(lag);
    }
  };

  /** @param {Buffer} chunk */
  const readHead = (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const body = Buffer.from(head.slice(end + 4), 'latin1');
    head = head.slice(0, end);
    inBody = true;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length !== null) bytesLeft = Number(length[1]);
    return body;
  };

  return {
    /** Takes one chunk; true when the answer is complete. @param {Buffer} chunk */
    read: (chunk) => {
      const body = inBody ? chunk : readHead(chunk);
      if (body === undefined) return false;
      count(body, readClockUs());
      if (bytesLeft >= 0) {
        bytesLeft -= body.length;
        return bytesLeft <= 0;
      }
      // The mark may lie across two chunks.
      sawDone ||=
        endMark !== undefined &&
        (body.includes(endMark) || Buffer.concat([tail, body.subarray(0, TAIL_BYTES)]).includes(endMark));
      tail = body.length >= TAIL_BYTES ? body.subarray(-TAIL_BYTES) : Buffer.concat([tail, body]).subarray(-TAIL_BYTES);
      return tail.subarray(-CHUNKED_END.length).equals(CHUNKED_END);
    },
    /** What became of the request. @param {string} [problem] @returns {Outcome} */
    close: (problem) => {
      const endUs = readClockUs();
      const complete = problem === undefined && / 200 /.test(head.slice(0, 16)) && (endMark === undefined || sawDone);
      return {
        ok: complete,
        wholeMs: (endUs - startedUs) / 1000,
        firstMs: firstUs === 0 ? Number.NaN : (firstUs - startedUs) / 1000,
        deltas,
        lagsMs,
        problem: complete ? undefined : (problem ?? (head.slice(0, 40) || 'no answer')),
      };
    },
  };
}
