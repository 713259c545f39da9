// Where an account's upstream is and how it is asked, for each of its surfaces.

import type { CallContext } from '../context.ts';
import type { Upstream } from '../kit/openai-upstream.ts';
import { type KimiAccount, readKimiAccount } from './options.ts';

/** The OpenAI-shaped surface. Throws `GatewayError` where the account is incomplete. */
export function readUpstream({ credential }: CallContext): Upstream {
  const { baseUrl, key } = readKimiAccount(credential);
  return { baseUrl, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } };
}

/** The Anthropic-shaped surface; `/messages` follows its base. */
export function readAnthropicUpstream({ credential }: CallContext): Upstream {
  const account = readKimiAccount(credential);
  const { key } = account;
  const version = { 'anthropic-version': '2023-06-01' };
  return {
    baseUrl: findAnthropicBase(account),
    headers: key === undefined ? version : { ...version, 'x-api-key': key },
  };
}

function findAnthropicBase({ region, baseUrl }: KimiAccount): string {
  // The coding plan and engines have both surfaces at one base.
  if (region === undefined || region === 'code') return baseUrl;
  return `${baseUrl.replace(/\/v1$/, '')}/anthropic/v1`;
}
