// What each kind of failure leads to.
import { expect, test } from 'vitest';
import type { ErrorDetails, ErrorKind } from '../../../main/canonical/errors.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { classifyFailure } from '../../../main/gateway/failure-class.ts';

const classify = (kind: ErrorKind, details: ErrorDetails = {}, message = 'no') =>
  classifyFailure(new GatewayError(kind, message, details));

const AT_UPSTREAM = { provider: 'acme', status: 400 };

test('what is wrong with the request itself goes nowhere else and makes nobody rest', () => {
  for (const kind of ['invalid-request', 'conflict', 'aborted', 'internal'] as const)
    expect(classify(kind, AT_UPSTREAM)).toEqual({ next: 'stop', mayRepeat: false });
});

test('what one provider cannot do another one may, and nobody rests for it', () => {
  expect(classify('unsupported', AT_UPSTREAM)).toEqual({ next: 'account', mayRepeat: false });
});

test('a request that is too long for a model may fit another one', () => {
  const other = { next: 'model', mayRepeat: false };
  expect(classify('too-large', AT_UPSTREAM)).toEqual(other);
  expect(classify('invalid-request', { code: 'context_length_exceeded' })).toEqual(other);
  expect(classify('invalid-request', {}, "This model's maximum context length is 8192 tokens.")).toEqual(other);
});

test('each failure of an account leads to the next account, with the rest that fits it', () => {
  const read = (kind: ErrorKind, details: ErrorDetails = AT_UPSTREAM) => {
    const { next, mayRepeat, rest } = classify(kind, details);
    const { scope, cause, after, guess } = rest ?? {};
    return [next, mayRepeat, scope, cause, after, guess && `${guess.firstMs / 1000}-${guess.mostMs / 1000} s`];
  };
  expect(read('unauthorized')).toEqual(['account', false, 'account', 'failed', 1, undefined]);
  expect(read('forbidden')).toEqual(['account', false, 'model', 'failed', 1, '600-7200 s']);
  expect(read('not-found')).toEqual(['account', false, 'model', 'guessed', 1, '60-600 s']);
  expect(read('rate-limited')).toEqual(['account', true, 'model', 'guessed', 1, '5-300 s']);
  expect(read('quota-exhausted')).toEqual(['account', false, 'account', 'guessed', 1, '900-7200 s']);
  for (const kind of ['overloaded', 'timeout', 'upstream'] as const)
    expect(read(kind)).toEqual(['account', true, 'model', 'guessed', 2, '5-120 s']);
  expect(read('upstream', { ...AT_UPSTREAM, retryable: false })[1]).toBe(false);
});

test('an upstream that has closed the account has closed it for every model', () => {
  const { rest } = classify('forbidden', { ...AT_UPSTREAM, code: 'TEMPORARILY_SUSPENDED' });
  expect(rest).toMatchObject({ scope: 'account', cause: 'failed' });
  expect(rest?.guess).toBeUndefined();
});

test('an address at which nobody answers fails for every model', () => {
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'CERT_HAS_EXPIRED'])
    expect(classify('upstream', { code }).rest?.scope, code).toBe('account');
  expect(classify('upstream', { code: 'api_error', provider: 'acme' }).rest?.scope).toBe('model');
});

test('a model that no router knows is no fault of an account', () => {
  expect(classify('not-found')).toEqual({ next: 'stop', mayRepeat: false });
});
