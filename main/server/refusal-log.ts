// Puts strangers who were turned away on the request log, so that a person with a wrong key finds out why; not so many
// that they could drive the person's own requests out of it.
import type { GatewayError } from '../canonical/errors.ts';
import type { RequestLog } from '../request-log/request-log.ts';
import type { Face, Visit } from './answers.ts';
import { readClientName } from './client-name.ts';

/** Notes one refused request. */
export type LogRefusal = (face: Face, visit: Visit, error: GatewayError, status: number | undefined) => void;

const LEAST_BETWEEN_MS = 1_000;

/** So many strangers are told apart; with more, the log is the smaller worry. */
const MOST_STRANGERS = 20;

/** Notes at most one refusal a second of each client for each reason; the rest are refused all the same. */
export function createRefusalLog(log: RequestLog): LogRefusal {
  const lastAt = new Map<string, number>();
  return (face, { id, request }, error, status) => {
    const now = performance.now();
    const client = readClientName(request.headers['user-agent']);
    for (const [stranger, at] of lastAt) if (now - at >= LEAST_BETWEEN_MS) lastAt.delete(stranger);
    const stranger = `${client} ${error.kind}`;
    if (lastAt.has(stranger) || lastAt.size >= MOST_STRANGERS) return;
    lastAt.set(stranger, now);
    const record = log.open({ id, at: Date.now(), client, dialect: face.id, stream: false, modelAsked: '' });
    record.update({ status, errorKind: error.kind, errorText: error.message });
    record.close('failed');
  };
}
