// Turns whatever a call threw into one sentence for the person.
import { ORPCError } from '@orpc/client';
import { translate } from './i18n.ts';

/** The sentence that a refused call brings along, or what a missing answer means. */
export function describeError(error: unknown): string {
  if (error instanceof ORPCError) {
    if (error.code === 'UNAUTHORIZED') return translate('connection.refusedText');
    if (error.code === 'INTERNAL_SERVER_ERROR') return translate('failure.internal');
    return error.message;
  }
  return translate('failure.noAnswer');
}
