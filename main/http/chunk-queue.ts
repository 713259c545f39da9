// Hands chunks from a pushing socket to a pulling reader, and the reader's pace back to the socket.

/** The two ends of one body. */
export interface ChunkQueue {
  /** Adds what the socket read; pauses the socket when too much is waiting. */
  push(chunk: Buffer): void;
  /** The body is complete. */
  end(): void;
  /** The body broke off; the reader gets what came before, then the error. */
  fail(error: Error): void;
  /** The reader's end, for one reader. What waits is handed over in one piece. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** What the queue needs of its socket. */
export interface ChunkSource {
  /** Bytes that may wait before the socket is paused. */
  readonly highWaterBytes: number;
  readonly pause: () => void;
  readonly resume: () => void;
  /** The reader stopped before the end. */
  readonly cancel: () => void;
}

/** A queue between one socket and one reader. */
export function createChunkQueue({ highWaterBytes, pause, resume, cancel }: ChunkSource): ChunkQueue {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let paused = false;
  let closed: { readonly error?: Error } | undefined;
  let wake: { resolve(result: IteratorResult<Buffer>): void; reject(error: Error): void } | undefined;

  const take = (): Buffer => {
    const chunk = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
    if (paused) {
      paused = false;
      resume();
    }
    return chunk as Buffer;
  };
  const close = (error?: Error) => {
    if (closed !== undefined) return;
    closed = { error };
    if (error === undefined) wake?.resolve({ done: true, value: undefined });
    else wake?.reject(error);
    wake = undefined;
  };
  const iterator: AsyncIterator<Buffer> = {
    next: () => {
      if (waiting.length > 0) return Promise.resolve({ done: false, value: take() });
      if (closed?.error !== undefined) return Promise.reject(closed.error);
      if (closed !== undefined) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => {
        wake = { resolve, reject };
      });
    },
    return: () => {
      waiting = [];
      if (closed === undefined) {
        close();
        cancel();
      }
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    push: (chunk) => {
      if (closed !== undefined) return;
      if (wake !== undefined) {
        const { resolve } = wake;
        wake = undefined;
        resolve({ done: false, value: chunk });
        return;
      }
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes >= highWaterBytes && !paused) {
        paused = true;
        pause();
      }
    },
    end: () => close(),
    fail: (error) => close(error),
    chunks: { [Symbol.asyncIterator]: () => iterator },
  };
}
