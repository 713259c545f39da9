// The contract, ready to be bound to handlers, with the one place where their errors become the contract's.
import { implement, ORPCError, ValidationError } from '@orpc/server';
import { contract } from '../../shared/contract.ts';
import { GatewayError } from '../canonical/errors.ts';

/** The contract's builder; a `GatewayError` of a handler reaches the GUI with its message. */
export function createBinder() {
  return implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      throw readRefusal(error);
    }
  });
}

/** What each file of handlers binds to. */
export type Binder = ReturnType<typeof createBinder>;

/** What the disk refuses: it is full, over quota, read-only or not ours. */
const DISK_ERRORS: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR']);

/** An error that the person may read; anything unexpected passes and is hidden by oRPC. */
function readRefusal(error: unknown): unknown {
  if (error instanceof ORPCError && error.cause instanceof ValidationError && error.code === 'BAD_REQUEST') {
    return new ORPCError('BAD_REQUEST', { message: error.cause.issues.map(describeIssue).join(' '), cause: error });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (DISK_ERRORS.has(code)) {
    const message = `Patchbay could not write to its data folder: ${(error as Error).message}`;
    return new ORPCError('INTERNAL_SERVER_ERROR', { message, cause: error });
  }
  if (!(error instanceof GatewayError)) return error;
  const { message } = error;
  switch (error.kind) {
    case 'not-found':
      return new ORPCError('NOT_FOUND', { message, cause: error });
    case 'conflict':
    case 'forbidden':
      return new ORPCError('CONFLICT', { message, cause: error });
    case 'internal':
      return new ORPCError('INTERNAL_SERVER_ERROR', { message, cause: error });
    default:
      return new ORPCError('BAD_REQUEST', { message, cause: error });
  }
}

function describeIssue({ path, message }: ValidationError['issues'][number]): string {
  const place = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return place === '' ? message : `${place}: ${message}`;
}
