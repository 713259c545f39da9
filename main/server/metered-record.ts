// Lets the limits of a client key see what the log learns of a request: the tokens that it has used so far.
import type { KeyPlace } from '../credentials/key-limits.ts';
import type { RequestRecord } from '../request-log/request-log.ts';

/** The same record, whose usage is counted for `place`, whether the reply comes to its end or not. */
export function meterRecord(record: RequestRecord, place: KeyPlace): RequestRecord {
  return {
    ...record,
    update(progress) {
      const { inputTokens = 0, outputTokens = 0 } = progress.usage ?? {};
      if (progress.usage !== undefined) place.spend(inputTokens + outputTokens);
      record.update(progress);
    },
  };
}
