// What goes wrong at Poe, as errors that a person can act on: `error` events and refusals of either transport.
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import { readErrorAnswer, readErrorBody } from '../../http/errors.ts';
import { ID } from './account.ts';
import { parseJson, readFields, readText } from './formats.ts';

const KINDS: Readonly<Record<string, ErrorKind>> = {
  user_message_too_long: 'too-large',
  insufficient_fund: 'quota-exhausted',
  user_caused_error: 'invalid-request',
  privacy_authorization_error: 'forbidden',
};

const WORDS: Readonly<Record<string, string>> = {
  user_message_too_long: 'The bot says that the conversation is too long for it.',
  insufficient_fund: 'The points of this Poe account are used up.',
  user_caused_error: 'The bot refused the request.',
  privacy_authorization_error: 'The bot may not be used until its privacy terms are agreed to on poe.com.',
};

/** The error in the data of an `error` event; without a word about trying again it may be tried again. */
export function readErrorEvent(data: Readonly<Record<string, unknown>>): GatewayError {
  const type = readText(data.error_type);
  const said = readText(data.text) ?? readErrorBody(JSON.stringify(readRaw(data.raw_response))).message;
  const kind = KINDS[type ?? ''] ?? 'upstream';
  const message = said ?? WORDS[type ?? ''] ?? 'The bot reported an error and did not say which.';
  const retryable = kind === 'upstream' && data.allow_retry !== false;
  return new GatewayError(kind, message, { provider: ID, code: type, retryable });
}

/** The raw answer may be an object, JSON or any text. */
function readRaw(raw: unknown): unknown {
  if (typeof raw !== 'string') return readFields(raw);
  return parseJson(raw) ?? raw;
}

/** An event that is not as it should be; asking again would hardly help unless `retryable`. */
export function createFormError(what: string, retryable = false): GatewayError {
  return new GatewayError('upstream', `Poe sent ${what}.`, { provider: ID, retryable });
}

/** The error of an answer that is no event stream, whatever its status. */
export function readRefusal(response: Pick<UpstreamResponse, 'status' | 'headers'>, text: string): GatewayError {
  // A proxy's page, or an error with a good status, is no answer either.
  const status = response.status >= 200 && response.status <= 299 ? 502 : response.status;
  return readErrorAnswer({ ...response, status }, text, ID);
}

/** Poe does not know the bot. */
export function isUnknownBot({ kind, code = '', message }: GatewayError): boolean {
  if (kind === 'not-found' || code === 'model_not_found') return true;
  return kind === 'upstream' && /\b(?:bot|model)\b.{0,80}\b(?:not found|does not exist|doesn't exist)/i.test(message);
}

/** The bot does not take the client's tools, which other words may mend. */
export function isToolRefusal({ kind, message }: GatewayError): boolean {
  if (kind !== 'upstream' && kind !== 'invalid-request' && kind !== 'unsupported') return false;
  return (
    /\b(?:tools?|tool[ _]calls?|tool_choice|function[ _-]call(?:s|ing)?|functions)\b/i.test(message) &&
    /not|n't|unsupported|unknown|invalid|unexpected|cannot|unable/i.test(message)
  );
}
