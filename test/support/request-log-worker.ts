// Where the bundled worker of the request log is during tests.

/** The program that `bundle-worker.ts` makes. */
export const REQUEST_LOG_WORKER = new URL('../../.cache/test/request-log-worker.js', import.meta.url);
