// Puts strangers who were turned away on the request log, so that a person with a wrong key finds out why; not so many
// that they could drive the person's own requests out of it.
import type { GatewayError } from '../canonical/errors.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { RequestLog } from '../request-log/request-log.ts';
import type { Visit } from './answers.ts';
import { readClientName } from './client-name.ts';

/** Notes one refused request. */
export type LogRefusal = (protocol: Protocol, visit: Visit, error: GatewayError, status: number | undefined) => void;

const LEAST_BETWEEN_MS = 1_000;

/** Notes at most one refusal a second; the rest are refused all the same. */
export function createRefusalLog(log: RequestLog): LogRefusal {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (protocol, { id, request }, error, status) => {
    const now = performance.now();
    if (now - lastAt < LEAST_BETWEEN_MS) return;
    lastAt = now;
    const client = readClientName(request.headers['user-agent']);
    const record = log.open({ id, at: Date.now(), client, dialect: protocol.id, stream: false, modelAsked: '' });
    record.update({ status, errorKind: error.kind, errorText: error.message });
    record.close('failed');
  };
}
