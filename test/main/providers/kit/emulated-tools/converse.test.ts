// What becomes of replies in which a model writes its calls as text: what the client gets, when the model is asked again.
import { describe, expect, test } from 'vitest';
import { collect } from '../../../../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../../../../main/canonical/conversation.ts';
import { createEventWriter } from '../../../../../main/canonical/event-writer.ts';
import type { EventStream, FinishReason } from '../../../../../main/canonical/events.ts';
import type { ToolOutcome } from '../../../../../main/canonical/models.ts';
import { converseWithEmulatedTools } from '../../../../../main/providers/kit/emulated-tools/converse.ts';

const REQUEST: ConversationRequest = {
  model: 'plain',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'How is the weather in Oslo?' }] }],
  tools: [
    {
      name: 'get_weather',
      description: 'Tells the weather of a city.',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer' } },
        required: ['city'],
      },
    },
    { name: 'get_time', parameters: { type: 'object', properties: {} } },
  ],
};

interface Answer {
  readonly text: string;
  readonly reasoning?: string;
  readonly finish?: FinishReason['kind'];
}

async function* say({ text, reasoning = '', finish = 'stop' }: Answer): EventStream {
  const writer = createEventWriter();
  writer.reasoning(reasoning);
  for (const piece of text.match(/[\s\S]{1,3}/g) ?? []) {
    writer.text(piece);
    yield writer.take();
  }
  writer.usage({ inputTokens: 10, outputTokens: 5 });
  writer.end({ kind: finish });
  yield writer.take();
}

async function run(answers: readonly (string | Answer)[], change: Partial<ConversationRequest> = {}) {
  const asked: ConversationRequest[] = [];
  const notes: string[] = [];
  const outcomes: ToolOutcome[] = [];
  const events = converseWithEmulatedTools({
    request: { ...REQUEST, ...change },
    ask: (request) => {
      const answer = answers[asked.length] ?? '';
      asked.push(request);
      return say(typeof answer === 'string' ? { text: answer } : answer);
    },
    note: (text) => notes.push(text),
    report: (outcome) => outcomes.push(outcome),
  });
  const reply = await collect(events).catch((error: Error) => error);
  if (reply instanceof Error) return { error: reply.message, asked, notes, outcomes };
  const parts = reply.parts.map((part) => {
    if (part.type === 'tool-call') return { call: part.name, arguments: part.arguments };
    return part.type === 'text' || part.type === 'reasoning' ? { [part.type]: part.text } : part;
  });
  return { parts, finish: reply.finishReason.kind, usage: reply.usage, asked, notes, outcomes };
}

const call = (name: string, args: string) => `<tool_call>\n{"name":"${name}","arguments":${args}}\n</tool_call>`;
const OSLO = call('get_weather', '{"city":"Oslo"}');

describe('a reply with emulated tools', () => {
  test('passes text on and makes calls of what stands between the tags', async () => {
    const { parts, finish, outcomes } = await run([`Let me look.\n\n${OSLO}\n${call('get_time', '{}')}\n`]);
    expect(parts).toEqual([
      { text: 'Let me look.' },
      { call: 'get_weather', arguments: '{"city":"Oslo"}' },
      { call: 'get_time', arguments: '{}' },
    ]);
    expect({ finish, outcomes }).toEqual({ finish: 'tool-calls', outcomes: ['well-formed'] });
  });
});
