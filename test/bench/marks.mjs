// @ts-check
// What the load generator and the upstream stub agree on: how a request orders its reply, and how a delta is recognised
// after any proxy has rewritten everything around its text.

/** Stands before the text of every delta and nowhere else in a reply, so that deltas are counted by one byte. */
export const DELTA_BYTE = 0x7e; // ~

/** Digits after the delta byte of a paced delta: when it was due, in microseconds of the machine's monotonic clock. */
export const STAMP_DIGITS = 14;

/** Microseconds of the monotonic clock, which all processes of one machine share. */
export function readClockUs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
}

/** The order, as a text for the last user message. @param {{ deltas: number, everyMs: number }} order */
export function writeOrder({ deltas, everyMs }) {
  return `[bench deltas=${deltas} every=${everyMs}]`;
}

/** The order in a request's body; undefined where there is none. @param {Buffer} body */
export function readOrder(body) {
  const start = body.indexOf('[bench ');
  if (start < 0) return undefined;
  const found = /^\[bench deltas=(\d+) every=(\d+)\]/.exec(body.toString('latin1', start, start + 60));
  return found === null ? undefined : { deltas: Number(found[1]), everyMs: Number(found[2]) };
}
