// What is said where a login has ended: why, and what the person can do.
import type { GatewayError } from '../../canonical/errors.ts';
import type { Candidates } from './candidates.ts';
import { refuseLogin } from './formats.ts';
import type { LoginSource } from './sources.ts';

/** The error for a login without tokens that work; `refusal` is what the host said last. */
export function describeEnd(
  { name, advice, shared }: LoginSource,
  { foreign, problem, candidates }: Candidates,
  refusal: string | undefined,
): GatewayError {
  if (foreign) {
    return refuseLogin(
      `${name} now holds the login of somebody else, which this account does not take over. Sign in there as before, or remove this account and add it anew.`,
    );
  }
  if (candidates.length === 0 && problem !== undefined) return problem;
  if (candidates.length === 0 && shared) return refuseLogin(`There is no login in ${name}. ${advice}`);
  if (candidates.length === 0) return refuseLogin(`${name.charAt(0).toUpperCase()}${name.slice(1)} is gone. ${advice}`);
  const reason = refusal === undefined ? '' : ` (${refusal})`;
  return refuseLogin(`Kiro does not take ${name} any more${reason}. ${advice}`);
}
