// Kimi's refusals and breakdowns: what a client is told, and whether and when it may ask again.
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { readKimiRefusal } from '../../../../main/providers/kimi/errors.ts';
import { openKimiScene } from '../../../support/kimi-scene.ts';

const read = (status: number, type: string, message: string, headers = {}) => {
  const { kind, retryable, retryAfterMs, code } = readKimiRefusal(
    { status, headers },
    JSON.stringify({ error: { type, message } }),
  );
  return { kind, retryable, retryAfterMs, code };
};

describe('a refusal', () => {
  it.each([
    [401, '{"error":{"message":"Invalid Authentication"}}', /^Invalid Authentication\. Keys of /],
    [404, '{"error":"url.not_found"}', /^url\.not_found\. The base URL holds no API/],
  ])('with %i says in a sentence of its own what to do', (status, text, words) => {
    expect(readKimiRefusal({ status, headers: {} }, text).message).toMatch(words);
  });

  it.each([
    [400, 'content_filter', 'The request was rejected because it was considered high risk', 'invalid-request', false],
    [
      400,
      'invalid_request_error',
      'Invalid request: Your request exceeded model token limit : 8192',
      'invalid-request',
      false,
    ],
    [400, 'invalid_request_error', 'total message size 3000000 exceeds limit 2097152', 'too-large', false],
    [401, 'invalid_authentication_error', 'Invalid Authentication', 'unauthorized', false],
    [402, 'x', 'membership unavailable', 'quota-exhausted', false],
    [403, 'permission_denied_error', 'The API you are accessing is not open', 'forbidden', false],
    [403, 'permission_denied_error', 'insufficient balance', 'quota-exhausted', false],
    [
      403,
      'access_terminated_error',
      'Kimi For Coding is currently only available for Coding Agents',
      'forbidden',
      false,
    ],
    [403, 'x', 'You have reached your usage limit for this billing cycle', 'quota-exhausted', false],
    [404, 'resource_not_found_error', 'Not found the model or Permission denied', 'not-found', false],
    [429, 'engine_overloaded_error', 'The engine is currently overloaded, please try again later', 'overloaded', true],
    [429, 'rate_limit_reached_error', 'reached max RPM: 3', 'rate-limited', true],
    [
      429,
      'exceeded_current_quota_error',
      'Your account is suspended, please check your plan',
      'quota-exhausted',
      false,
    ],
    [429, 'x', 'You have reached the monthly usage limit', 'quota-exhausted', false],
    [499, 'client_closed_request', 'closed', 'aborted', false],
    [500, 'server_error', 'Something broke', 'upstream', true],
    [500, 'unexpected_output', 'invalid state transition', 'upstream', true],
    [503, 'server_unavailable', 'down', 'overloaded', true],
    [504, 'x', 'gateway', 'timeout', true],
  ])('with %i and %s (%s) is %s', (status, type, message, kind, retryable) => {
    expect(read(status, type, message)).toMatchObject({ kind, retryable });
  });

  it('tells how long to wait wherever it says so', () => {
    const words = 'request reached organization max RPM: 3, please try again after 7 seconds';
    expect(read(429, 'rate_limit_reached_error', words).retryAfterMs).toBe(7_000);
    expect(read(429, 'engine_overloaded_error', 'overloaded', { 'retry-after': '3' }).retryAfterMs).toBe(3_000);
    expect(read(429, 'rate_limit_reached_error', 'slow down', { 'x-ratelimit-reset': '2' }).retryAfterMs).toBe(2_000);
    expect(
      read(429, 'rate_limit_reached_error', 'slow', { 'x-ratelimit-reset': '1790000000' }).retryAfterMs,
    ).toBeUndefined();
    expect(read(429, 'exceeded_current_quota_error', words).retryAfterMs).toBeUndefined();
  });

  it('names the codes that clients look for', () => {
    expect(read(400, 'invalid_request_error', 'Input token length too long').code).toBe('context_length_exceeded');
    expect(read(400, 'content_filter', 'high risk').code).toBe('content_filter');
  });

  it('may be a bare text, or a page', () => {
    const bare = readKimiRefusal({ status: 404, headers: {} }, '{"error":"url.not_found"}');
    expect(bare).toMatchObject({ kind: 'not-found', message: expect.stringContaining('url.not_found') });
    expect(readKimiRefusal({ status: 504, headers: { 'x-trace-id': 't1' } }, '<html>').message).toContain('(trace t1)');
  });
});

it.each([undefined, 'anthropic'])('a stream that breaks off is an error and no end (wire: %s)', async (wire) => {
  const { stub, ask, close } = await openKimiScene();
  onTestFinished(close);
  stub.reply({ text: 'Half an answer', cut: true });
  const failed = ask({}, { live: true, values: wire === undefined ? {} : { wire } });
  await expect(failed).rejects.toBeInstanceOf(GatewayError);
  await expect(failed).rejects.toMatchObject({ kind: 'upstream' });
});

it('a raw stream that breaks off within a call shows no token', async () => {
  const { stub, ask, close } = await openKimiScene('engine');
  onTestFinished(close);
  stub.reply({ raw: 'Yes <|tool_calls_section_begin|><|tool_call_begin|>functions.run:0<|tool_ca', cut: true });
  await expect(ask({}, { live: true, values: { toolParser: 'raw' } })).rejects.toMatchObject({ kind: 'upstream' });
});
