// What is told of a reply that a dialect cannot say in full.
import { expect, it } from 'vitest';
import type { JsonObject, Metadata } from '../../../../main/canonical/conversation.ts';
import { createReplyLoss } from '../../../../main/protocols/kit/reply-loss.ts';

function read(own: readonly string[], ...all: Metadata[]): string[] {
  const notes: string[] = [];
  const loss = createReplyLoss({ requestId: 'r', model: 'm', createdAt: 1, note: (text) => notes.push(text) }, own);
  for (const metadata of all) loss.metadata(metadata);
  return notes.map((text) => text.replace('Left out of the reply, as its dialect has no field for it: ', ''));
}

it('names each loss once, in plain words', () => {
  const signed = { anthropic: { signature: 's' } };
  expect(read([], signed, signed, { anthropic: { redacted: 'r' } }, { other: { trace: 1 } })).toEqual([
    'the signature of its reasoning.',
    'reasoning that only its upstream can read.',
    'trace (other).',
  ]);
});

it('names the fields of a message and a choice, and nothing that is empty or says nothing to a client', () => {
  const openai: JsonObject = {
    message: [{ annotations: [] }, { audio: { id: 'a' } }],
    choice: { logprobs: { content: [1] } },
    system_fingerprint: 'fp',
    usage: { total_tokens: 1 },
    nothing: null,
  };
  expect(read(['anthropic'], { openai })).toEqual(['audio (openai).', 'logprobs (openai).']);
});

it('is silent about what the dialect reads itself', () => {
  expect(read(['openai'], { openai: { message: [{ audio: 1 }] } })).toEqual([]);
});

it('tells that a dialect cannot say which text ended the reply', () => {
  const notes: string[] = [];
  const loss = createReplyLoss({ requestId: 'r', model: 'm', createdAt: 1, note: (text) => notes.push(text) }, []);
  loss.stopText({ kind: 'stop' });
  loss.stopText({ kind: 'stop', stopText: 'END' });
  expect(notes).toEqual(['Left out of the reply, as its dialect has no field for it: which text ended it.']);
});

it('takes fields of any name and any form for what they are: an upstream may call its own so', () => {
  expect(read([], { openai: { message: 'ok', choice: 7 } })).toEqual(['message (openai).', 'choice (openai).']);
  expect(read([], { openai: { message: ['odd', null] } })).toEqual(['message (openai).']);
  expect(read([], { other: { constructor: 1, toString: 'x' } as unknown as JsonObject })).toEqual([
    'constructor (other).',
    'toString (other).',
  ]);
});
