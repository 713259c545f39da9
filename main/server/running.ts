// The requests in the house at this moment: a stop waits for them or ends them, the GUI shows how many there are.

/** A set of running requests, each by the controller that ends it. */
export interface RunningRequests extends Iterable<AbortController> {
  readonly size: number;
  add(request: AbortController): void;
  delete(request: AbortController): void;
  /** A part of this set: what is in it is in the whole, too. Each door waits for and ends only what came through it. */
  createPart(): RunningRequests;
}

/** How often the GUI is told of a new number at most, in milliseconds. */
const TELL_MS = 200;

/** An empty set; `onChange` is called some time after its size has changed. */
export function createRunningRequests(onChange: () => void): RunningRequests {
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      onChange();
    }, TELL_MS);
    timer.unref();
  };
  return createSet(tell);
}

function createSet(tell: () => void, whole?: RunningRequests): RunningRequests {
  const requests = new Set<AbortController>();
  const set: RunningRequests = {
    get size() {
      return requests.size;
    },
    add: (request) => {
      requests.add(request);
      whole?.add(request);
      tell();
    },
    delete: (request) => {
      requests.delete(request);
      whole?.delete(request);
      tell();
    },
    createPart: () => createSet(() => {}, set),
    [Symbol.iterator]: () => requests.values(),
  };
  return set;
}
