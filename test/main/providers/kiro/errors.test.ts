// What each refusal means for the person and for the caller.
import { describe, expect, it } from 'vitest';
import { readKiroException, readKiroFailure } from '../../../../main/providers/kiro/errors.ts';

const refused = { model: 'claude-opus-5', bytes: 1_234_567 };

type Row = [status: number, message: string, reason: string | undefined, meaning: string, words?: RegExp];

const rows: Row[] = [
  [400, 'Improperly formed request.', undefined, 'invalid-request fatal smaller', /had 1,234,567 bytes.*shorten/],
  [
    400,
    'Input is too long.',
    'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
    'invalid-request fatal smaller',
    /^Prompt is too long/,
  ],
  [413, '', undefined, 'invalid-request fatal smaller', /^Prompt is too long/],
  [400, 'x', 'INVALID_MODEL_ID', 'not-found fatal', /the model claude-opus-5 .*plan.*reason: INVALID_MODEL_ID/],
  [400, 'Bad.', 'REQUEST_BODY_INVALID', 'invalid-request fatal', /^Bad\. \(reason: REQUEST_BODY_INVALID\)$/],
  [400, 'Bad.', 'TOOL_USE_RESULT_MISMATCH', 'invalid-request fatal', /reason: TOOL_USE_RESULT_MISMATCH/],
  [400, 'Bad.', 'TOOL_SCHEMA_INVALID', 'invalid-request fatal'],
  [400, 'Bad.', 'THINKING_SIGNATURE_INVALID', 'invalid-request fatal without-signatures'],
  [400, 'Bad.', 'SOMETHING_NEW', 'invalid-request fatal', /^Bad\. \(reason: SOMETHING_NEW\)$/],
  [400, 'profileArn is required for this request.', undefined, 'invalid-request fatal profile', /which profile/],
  [400, 'Invalid additionalModelRequestFields: thinking', undefined, 'invalid-request fatal without-fields'],
  [400, 'UnknownOperationException', undefined, 'upstream next-endpoint'],
  [403, 'unsupported endpoint', undefined, 'upstream next-endpoint'],
  [404, '', undefined, 'not-found next-endpoint'],
  [405, '', undefined, 'not-found next-endpoint'],
  [402, 'x', 'MONTHLY_REQUEST_COUNT', 'quota-exhausted fatal', /this month are used up.*account\/usage/],
  [402, 'x', 'OVERAGE_REQUEST_LIMIT_EXCEEDED', 'quota-exhausted fatal', /beyond/],
  [402, 'x', 'CONVERSATION_LIMIT_EXCEEDED', 'quota-exhausted fatal'],
  [402, 'x', undefined, 'quota-exhausted fatal'],
  [401, 'Token expired', undefined, 'unauthorized refresh', /Token expired$/],
  [403, 'The bearer token included in the request is invalid.', undefined, 'unauthorized refresh', /profile or region/],
  [403, 'Your User ID temporarily is suspended. We locked your account.', undefined, 'forbidden fatal', /support\.aws/],
  [403, 'x', 'TEMPORARILY_SUSPENDED', 'forbidden fatal', /support\.aws\.amazon\.com/],
  [423, '', undefined, 'forbidden fatal', /suspended/],
  [403, 'x', 'FEATURE_NOT_SUPPORTED', 'forbidden fatal', /plan/],
  [429, 'Too many requests', undefined, 'rate-limited retry', /^Too many requests$/],
  [429, 'x', 'DAILY_REQUEST_COUNT', 'quota-exhausted fatal', /today/],
  [429, 'x', 'INSUFFICIENT_MODEL_CAPACITY', 'overloaded retry'],
  [429, 'We noticed suspicious activity and set temporary limits', undefined, 'rate-limited fatal', /unusual/],
  [500, 'Encountered unexpectedly high load when processing the request', undefined, 'overloaded retry'],
  [500, 'x', 'MODEL_TEMPORARILY_UNAVAILABLE', 'overloaded retry'],
  [500, '', undefined, 'upstream retry', /HTTP 500 without a word/],
  [503, 'x', undefined, 'overloaded retry'],
  [504, 'x', undefined, 'timeout retry'],
  [524, 'x', undefined, 'timeout retry'],
];

describe('an answer', () => {
  it.each(rows)('of %i with "%s" and %s is %s', (status, message, reason, meaning, words = /./) => {
    const text = JSON.stringify({ message, reason: reason ?? null });
    const { error, step, change } = readKiroFailure({ status, headers: {} }, text, refused);
    expect([error.kind, step, ...(change ? [change] : [])].join(' ')).toBe(meaning);
    expect(error.message).toMatch(words);
    expect(error).toMatchObject({ status, provider: 'kiro' });
    if (step !== 'retry') expect(error.retryable).toBe(false);
  });

  it('tells how long to wait and names its code, from header, type or body', () => {
    const headers = { 'retry-after': '7', 'x-amzn-errortype': 'com.amazon#ThrottlingException:http://x/' };
    expect(readKiroFailure({ status: 429, headers }, '{}').error).toMatchObject({
      retryAfterMs: 7_000,
      code: 'ThrottlingException',
      retryable: true,
    });
    const typed = JSON.stringify({ __type: 'ns#ValidationException', Message: 'No' });
    expect(readKiroFailure({ status: 400, headers: {} }, typed).error).toMatchObject({
      code: 'ValidationException',
      message: 'No',
    });
  });

  it('is told by its status where its body says nothing', () => {
    for (const text of ['', '<html>', 'null', '[]', '"x"'])
      expect(readKiroFailure({ status: 502, headers: {} }, text).error.message).toMatch(/HTTP 502|x/);
    expect(readKiroFailure({ status: 502, headers: {} }, 'upstream is away').error.message).toBe('upstream is away');
  });

  it('about length has the code by which coding agents shorten a conversation', () => {
    const text = JSON.stringify({ message: 'Input is too long.', reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' });
    expect(readKiroFailure({ status: 400, headers: {} }, text).error.code).toBe('context_length_exceeded');
  });
});

describe('an exception inside a stream', () => {
  it.each([
    ['ThrottlingException', 'rate-limited retry'],
    ['ValidationException', 'invalid-request fatal'],
    ['AccessDeniedException', 'unauthorized refresh'],
    ['ExpiredTokenException', 'unauthorized refresh'],
    ['ServiceQuotaExceededException', 'quota-exhausted fatal'],
    ['ContentLengthExceededException', 'invalid-request fatal'],
    ['ServiceUnavailableException', 'overloaded retry'],
    ['InternalServerException', 'upstream retry'],
    ['SomethingNewException', 'upstream retry'],
  ])('%s is %s', (type, meaning) => {
    const { error, step } = readKiroException(type, '{"message":"x"}');
    expect(`${error.kind} ${step}`).toBe(meaning);
  });
});
