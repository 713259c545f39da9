// The scripted conversations of the matrix: what a client asks, and what an upstream answers, in words of no dialect.
import type { JsonObject } from '../../main/canonical/conversation.ts';
import type { Asked, Call } from './client.ts';

/** A reply that comes, and how far. */
export interface Replied {
  /** Thinking that is shown; upstreams that sign nothing leave the signature and what is hidden out. */
  readonly reasoning?: { readonly text: string; readonly signature: string; readonly hidden?: string };
  /** Deltas of the text. */
  readonly text?: readonly string[];
  readonly calls?: readonly Call[];
  readonly finish: 'stop' | 'stop-text' | 'length' | 'tools' | 'refusal' | 'error' | 'cut';
  readonly stopText?: string;
}

/** A refusal in place of a reply. */
export interface Refused {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly retryAfter?: number;
}

/** One conversation. */
export interface Scenario {
  readonly name: string;
  readonly asked: Asked;
  readonly answer: Replied | Refused;
}

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const hello: Replied = { text: ['Hel', 'lo.'], finish: 'stop' };
const ask = (text: string): Asked => ({ turns: [{ role: 'user', text }] });
const call = (id: string, city: string): Call => ({ id, name: 'get_weather', input: { city } });

const WEATHER: NonNullable<Asked['tools']>[number] = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const SCHEMA: JsonObject = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };

/** Conversations about what is asked; every upstream can answer them. */
export const QUESTIONS: readonly Scenario[] = [
  { name: 'text', asked: ask('Say hello.'), answer: hello },
  {
    name: 'system prompt and history',
    asked: {
      system: 'Be brief.',
      turns: [
        { role: 'user', text: 'My name is Ann.' },
        { role: 'assistant', text: 'Hello Ann.' },
        { role: 'user', text: 'What is my name?' },
      ],
      maxTokens: 50,
    },
    answer: { text: ['Ann', '.'], finish: 'stop' },
  },
  {
    name: 'image',
    asked: { turns: [{ role: 'user', text: 'What is this?', image: DOT }] },
    answer: { text: ['A dot.'], finish: 'stop' },
  },
  {
    name: 'tools: two parallel calls with results in the history, two in the reply',
    asked: {
      turns: [
        { role: 'user', text: 'Weather in Oslo and Rome?' },
        { role: 'assistant', text: 'I look.', calls: [call('call_a', 'Oslo'), call('call_b', 'Rome')] },
        {
          role: 'tool',
          results: [
            { id: 'call_a', name: 'get_weather', text: 'Snow.' },
            { id: 'call_b', name: 'get_weather', text: 'No such city.', failed: true },
          ],
        },
      ],
      tools: [WEATHER],
    },
    answer: { text: ['Once more.'], calls: [call('call_c', 'Roma'), call('call_d', 'Bergen')], finish: 'tools' },
  },
  {
    name: 'forced tool',
    asked: { ...ask('Weather in Oslo?'), tools: [WEATHER], forcedTool: 'get_weather' },
    answer: { calls: [call('call_a', 'Oslo')], finish: 'tools' },
  },
  {
    name: 'structured output',
    asked: { ...ask('Who are you?'), schema: SCHEMA },
    answer: { text: ['{"name":', '"Bay"}'], finish: 'stop' },
  },
  {
    name: 'reasoning in the history, with a signature where the dialect has one',
    asked: {
      turns: [
        { role: 'user', text: 'One and one?' },
        { role: 'assistant', text: 'Two.', reasoning: { text: 'I add them.', signature: 'c2lnbmVk' } },
        { role: 'user', text: 'And one?' },
      ],
    },
    answer: { text: ['Three.'], finish: 'stop' },
  },
];

/** Conversations about what is answered, for upstreams that can be told what to say. */
export const ANSWERS: readonly Scenario[] = [
  {
    name: 'reasoning in the reply, signed and hidden',
    asked: { ...ask('One and one?'), effort: 'high' },
    answer: {
      reasoning: { text: 'I add them.', signature: 'c2lnbmVk', hidden: 'aGlkZGVu' },
      text: ['Two.'],
      finish: 'stop',
    },
  },
  {
    name: 'stop text',
    asked: { ...ask('Count.'), stop: ['three', 'four'] },
    answer: { text: ['one two '], finish: 'stop-text', stopText: 'three' },
  },
  { name: 'length', asked: { ...ask('Count.'), maxTokens: 2 }, answer: { text: ['one two'], finish: 'length' } },
  { name: 'refusal', asked: ask('Do harm.'), answer: { text: ['I can'], finish: 'refusal' } },
  { name: 'empty reply', asked: ask('Say nothing.'), answer: { finish: 'stop' } },
  {
    name: 'upstream refuses the key',
    asked: ask('Hi'),
    answer: { status: 401, type: 'authentication_error', message: 'invalid key sk-upstream-secret' },
  },
  {
    name: 'upstream is busy',
    asked: ask('Hi'),
    answer: { status: 429, type: 'rate_limit_error', message: 'Slow down.', retryAfter: 7 },
  },
  {
    name: 'upstream fails',
    asked: ask('Hi'),
    answer: { status: 500, type: 'api_error', message: 'Something broke.' },
  },
  { name: 'error in the middle', asked: ask('Hi'), answer: { text: ['Half an '], finish: 'error' } },
  { name: 'cut in the middle', asked: ask('Hi'), answer: { text: ['Half an '], finish: 'cut' } },
];
