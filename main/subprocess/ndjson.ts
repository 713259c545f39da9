// Cuts a byte stream into the JSON objects that stand on its lines, wherever the chunks happen to end.

/** Takes chunks, gives the objects of the lines that they complete. */
export interface NdjsonReader {
  push(chunk: Buffer): unknown[];
  /** The object of a last line without a line break, if any. */
  end(): unknown[];
}

/** A reader at the start of its stream. Lines that are no JSON go to `onBroken` and are left out. */
export function createNdjsonReader(onBroken: (line: string) => void): NdjsonReader {
  // A line of several megabytes comes in many chunks: they are joined once, when its end is there.
  let waiting: Buffer[] = [];

  const parse = (bytes: Buffer, objects: unknown[]) => {
    const line = bytes.toString('utf8').trim();
    if (line === '') return;
    try {
      objects.push(JSON.parse(line));
    } catch {
      onBroken(line);
    }
  };
  const join = (last: Buffer): Buffer => {
    if (waiting.length === 0) return last;
    const whole = Buffer.concat([...waiting, last]);
    waiting = [];
    return whole;
  };

  return {
    push: (chunk) => {
      const objects: unknown[] = [];
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        parse(join(chunk.subarray(start, end)), objects);
        start = end + 1;
      }
      if (start < chunk.length) waiting.push(chunk.subarray(start));
      return objects;
    },
    end: () => {
      const objects: unknown[] = [];
      parse(join(Buffer.alloc(0)), objects);
      return objects;
    },
  };
}
