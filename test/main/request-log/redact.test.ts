// No secret gets through, whether it was told or only looks like one.
import { expect, test } from 'vitest';
import { createRedactor } from '../../../main/request-log/redact.ts';

test('told secrets are masked in every form in which they may appear, longest first', () => {
  const redactor = createRedactor();
  redactor.add('s3cret+/value');
  redactor.add('s3cret+/value-longer');
  redactor.add('with "quote"');
  const text = 'a s3cret+/value-longer b s3cret+/value c s3cret%2B%2Fvalue d {"k":"with \\"quote\\""}';
  expect(redactor.redact(text)).toBe('a [hidden] b [hidden] c [hidden] d {"k":"[hidden]"}');
});

test('a secret told later is masked from then on, and special characters are no pattern', () => {
  const redactor = createRedactor();
  expect(redactor.redact('a.c*e.g')).toBe('a.c*e.g');
  redactor.add('a.c*e.g');
  expect(redactor.redact('a.c*e.g abcdefg')).toBe('[hidden] abcdefg');
});

test('a secret of any size and any characters is masked, and never an error that shows it', () => {
  const redactor = createRedactor();
  const huge = `head-${'k'.repeat(200_000)}`;
  redactor.add(huge);
  redactor.add('half a pair \ud800');
  expect(redactor.redact(`a ${huge} b half a pair \ud800`)).toBe('a [hidden] b [hidden]');
});

test('the beginning of a secret is masked at the end of a text that was cut to a length', () => {
  const redactor = createRedactor();
  redactor.add('aor-marked-token-0123456789');
  redactor.add('short-one');
  const cut = `HTTP 400: the token aor-marked-token-0123456789 is bad`;
  for (let length = 32; length < 45; length++) {
    expect(redactor.redact(cut.slice(0, length))).toBe('HTTP 400: the token [hidden]');
    expect(redactor.redact(`${cut.slice(0, length)}…`)).toBe('HTTP 400: the token [hidden]…');
  }
  expect(redactor.redact('an aor-marked-tokens')).toBe('an aor-marked-tokens');
  expect(redactor.redact('a short-on')).toBe('a short-on');
});

test('what looks like a secret is masked without having been told', () => {
  const { redact } = createRedactor();
  expect(
    [
      'Authorization: Bearer abcdef123456',
      '{"x-api-key":"abcdef123456"}',
      'x-api-key: abcdef123456',
      'Incorrect API key provided: sk-proj-abcdefghijklmnop.',
      'GET /v1/models?key=abcdef&x=1',
      'client pb-abcdefghijklmnopqrst',
    ].map(redact),
  ).toEqual([
    'Authorization: Bearer [hidden]',
    '{"x-api-key":"[hidden]"}',
    'x-api-key: [hidden]',
    'Incorrect API key provided: [hidden].',
    'GET /v1/models?key=[hidden]&x=1',
    'client [hidden]',
  ]);
});

test('ordinary text and very short secrets stay as they are', () => {
  const redactor = createRedactor();
  redactor.add('key');
  const text = 'The API key is wrong: the bearer of this risk-free task asked for /v1/chat?model=sk-1.';
  expect(redactor.redact(text)).toBe(text);
});
