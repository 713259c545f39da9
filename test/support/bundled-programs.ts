// Where the programs are that `bundle-programs.ts` makes before the first test.

/** The worker thread of the request log. */
export const REQUEST_LOG_WORKER = new URL('../../.cache/test/request-log-worker.js', import.meta.url);
/** A process that changes settings and secrets without end. */
export const STORE_WRITER = new URL('../../.cache/test/store-writer.js', import.meta.url);
/** A process that takes turns in a session without end. */
export const SESSION_WRITER = new URL('../../.cache/test/session-writer.js', import.meta.url);
/** A process that opens a vault and obeys a list of commands. */
export const VAULT_CHILD = new URL('../../.cache/test/vault-child.js', import.meta.url);
