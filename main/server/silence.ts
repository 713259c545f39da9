// One clock for all streams: sends a comment into those that have been silent, drops those whose client reads no more.
// A coarse tick instead of a timer for each stream, so that a delta costs an assignment and no timer.

/** A stream that is being written. */
export interface WatchedStream {
  /** Set to 0 whenever something was written; counts ticks of silence. */
  silentTicks: number;
  /** Set while the client has not read what was written; counts ticks. */
  blockedTicks: number | undefined;
  /** Called after the time of silence; writes a comment. */
  readonly onSilence: () => void;
  /** Called when the client has not read for too long. */
  readonly onStall: () => void;
}

/** Watches streams from `add` until the returned function is called. */
export interface SilenceWatch {
  add(stream: WatchedStream): () => void;
}

/** How long streams may be silent or blocked, in milliseconds, read at each tick. */
export interface SilenceLimits {
  readonly keepAliveMs: number;
  readonly stallMs: number;
}

const MOST_TICK_MS = 1000;
const TICKS_PER_SILENCE = 4;

/** A watch that ticks only while there are streams. */
export function createSilenceWatch(limits: () => SilenceLimits): SilenceWatch {
  const streams = new Set<WatchedStream>();
  let timer: NodeJS.Timeout | undefined;
  let tickMs = MOST_TICK_MS;

  const tick = () => {
    const { keepAliveMs, stallMs } = limits();
    for (const stream of streams) {
      if (stream.blockedTicks !== undefined) {
        stream.blockedTicks += 1;
        if (stream.blockedTicks * tickMs >= stallMs) stream.onStall();
        continue;
      }
      stream.silentTicks += 1;
      if (stream.silentTicks * tickMs < keepAliveMs) continue;
      stream.silentTicks = 0;
      stream.onSilence();
    }
  };
  return {
    add: (stream) => {
      streams.add(stream);
      if (timer === undefined) {
        tickMs = Math.max(10, Math.min(MOST_TICK_MS, limits().keepAliveMs / TICKS_PER_SILENCE));
        timer = setInterval(tick, tickMs);
        timer.unref();
      }
      return () => {
        streams.delete(stream);
        if (streams.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
