// Feeds a reader the same bytes in every way a network could cut them.

/** A reader that takes chunks and gives items. */
export interface PushReader<Item> {
  push(chunk: Buffer): readonly Item[];
  end(): readonly Item[];
}

/** All items of `bytes`, read in one piece. */
export function readWhole<Item>(create: () => PushReader<Item>, bytes: Buffer): Item[] {
  return readPieces(create, [bytes]);
}

/** All items of the pieces, in order. */
export function readPieces<Item>(create: () => PushReader<Item>, pieces: readonly Buffer[]): Item[] {
  const reader = create();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

/** Every way to cut `bytes` in two, and the way to cut it into single bytes. */
export function* everySplit(bytes: Buffer): Generator<Buffer[]> {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield [...bytes].map((byte) => Buffer.from([byte]));
}
