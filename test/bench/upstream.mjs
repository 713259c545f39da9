// @ts-check
// The upstream stub: OpenAI chat completions over bare sockets with replies built beforehand, so that it never is what a
// proxy waits for. Speaks only as much HTTP as Node's clients need; not a server to copy.
import { createServer } from 'node:net';
import { readClockUs, readOrder } from './marks.mjs';
import * as replies from './replies.mjs';

const DEFAULT_DELTAS = 8;
const WHOLE_REPLY = replies.writeWholeReply(DEFAULT_DELTAS);
const SHORT_STREAM = replies.writeWholeStream(DEFAULT_DELTAS);
const OPENING = Buffer.concat([replies.STREAM_HEAD, replies.STREAM_START]);
const FEW_DELTAS = replies.writeDeltas(replies.DELTAS_PER_WRITE);
const TICK_MS = 1;
/** A reader that has stopped reading is not written to beyond this. */
const HIGH_WATER_BYTES = 64 * 1024;

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {{ socket: Socket, left: number, dueUs: number, everyUs: number }} PacedStream */

/** Paced streams in the order in which they are due; all streams of one run have the same pace. @type {PacedStream[]} */
let paced = [];

setInterval(() => {
  if (paced.length > 0) writeDue(readClockUs());
}, TICK_MS);

/** @param {number} nowUs */
function writeDue(nowUs) {
  let index = 0;
  for (; index < paced.length; index += 1) {
    const stream = /** @type {PacedStream} */ (paced[index]);
    if (stream.dueUs > nowUs) break;
    if (stream.socket.destroyed) continue;
    stream.socket.write(replies.writeStamped(stream.dueUs));
    stream.left -= 1;
    stream.dueUs += stream.everyUs;
    if (stream.left > 0) paced.push(stream);
    else stream.socket.write(replies.STREAM_END);
  }
  if (index > 0) paced = paced.slice(index);
}

/** @param {Socket} socket @param {{ deltas: number, everyMs: number }} order */
function startPaced(socket, { deltas, everyMs }) {
  socket.write(OPENING);
  const everyUs = everyMs * 1000;
  paced.push({ socket, left: deltas, dueUs: readClockUs() + everyUs, everyUs });
}

/** @param {Socket} socket @param {number} deltas */
function startFullSpeed(socket, deltas) {
  let left = Math.ceil(deltas / replies.DELTAS_PER_WRITE);
  socket.write(OPENING);
  const step = () => {
    if (socket.destroyed) return;
    if (left === 0) {
      socket.write(replies.STREAM_END);
      return;
    }
    left -= 1;
    socket.write(FEW_DELTAS);
    if (socket.writableLength > HIGH_WATER_BYTES) socket.once('drain', step);
    else setImmediate(step);
  };
  step();
}

/** @param {Socket} socket @param {string} head @param {Buffer} body */
function answer(socket, head, body) {
  if (head.startsWith('GET')) {
    socket.write(replies.MODELS_REPLY);
    return;
  }
  if (!body.includes('"stream":true')) {
    socket.write(WHOLE_REPLY);
    return;
  }
  const order = readOrder(body);
  if (order === undefined) socket.write(SHORT_STREAM);
  else if (order.everyMs > 0) startPaced(socket, order);
  else startFullSpeed(socket, order.deltas);
}

const server = createServer({ noDelay: true }, (socket) => {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = rest.toString('latin1', 0, headEnd);
      const end = headEnd + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (rest.length < end) return;
      answer(socket, head, rest.subarray(headEnd + 4, end));
      rest = rest.subarray(end);
    }
  });
  socket.on('error', () => socket.destroy());
});

server.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 2048 });
