// How many calls come out right by emulated and by native tool calling, over two hundred tool sets and a model that errs in
// every way that was seen of models. The rates are printed.
import { expect, test } from 'vitest';
import type { ConversationRequest } from '../../../../../main/canonical/conversation.ts';
import { createEventWriter } from '../../../../../main/canonical/event-writer.ts';
import type { EventStream } from '../../../../../main/canonical/events.ts';
import { converseWithEmulatedTools } from '../../../../../main/providers/kit/emulated-tools/converse.ts';
import {
  createOpenAiChatStreamReader,
  readOpenAiChatAnswer,
} from '../../../../../main/providers/kit/openai-chat-stream.ts';
import {
  makeToolCases,
  printRates,
  type ToolCase,
  type ToolColumn,
  type ToolRate,
  verifyTools,
  type WantedCall,
} from '../../../../support/tool-verifier.ts';

const CASES = makeToolCases(200);

const block = (json: string) => `<tool_call>\n${json}\n</tool_call>\n`;
const write = (calls: readonly WantedCall[], change = (json: string) => json) =>
  calls.map((call) => block(change(JSON.stringify(call)))).join('');
const without = ({ name, arguments: { query: _, ...rest } }: WantedCall): WantedCall => ({ name, arguments: rest });
const mistype = ({ name, arguments: given }: WantedCall): WantedCall => ({ name, arguments: { ...given, count: '3' } });

/** What the emulated model writes first; asked again, it writes what is right. */
const TEXTS = {
  none: (calls) => write(calls),
  'words before the calls': (calls) => `I will look.\n\n${write(calls)}`,
  'a trailing comma': (calls) => write(calls, (json) => json.replace(/\}\}$/, '},}')),
  'a bracket too few': (calls) => write(calls, (json) => json.replace(/\}\}$/, '}')),
  'a bracket too many': (calls) => write(calls, (json) => `${json}}`),
  'a name without quotes': (calls) => write(calls, (json) => json.replace('"name"', 'name')),
  'line breaks within strings': (calls) => write(calls, (json) => json.replaceAll('\\n', '\n')),
  'arguments as a text': (calls) =>
    calls.map((call) => block(JSON.stringify({ ...call, arguments: JSON.stringify(call.arguments) }))).join(''),
  'a code block within the tags': (calls) => write(calls, (json) => `\`\`\`json\n${json}\n\`\`\``),
  'no closing tag at the end': (calls) => write(calls).replace(/\n<\/tool_call>\n$/, ''),
  'a number as text': (calls) => write(calls.map(mistype)),
  'a needed argument left out': (calls) => write(calls.map(without)),
  'a tool that is not there': (calls) => write(calls.map((call) => ({ ...call, name: 'other_tool' }))),
  'no JSON at all': (calls) => calls.map(({ name }) => block(`${name}(all)`)).join(''),
  'words, then an argument left out': (calls) => `I will look.\n\n${write(calls.map(without))}`,
} satisfies Record<string, (calls: readonly WantedCall[]) => string>;

const emulated: ToolColumn<keyof typeof TEXTS> = {
  name: 'emulated',
  mistakes: Object.keys(TEXTS) as (keyof typeof TEXTS)[],
  reply: ({ request, wanted, number }, mistake, live) => {
    let isFirst = true;
    const ask = (asked: ConversationRequest): EventStream => {
      expect(asked.tools).toBeUndefined();
      const text = isFirst ? TEXTS[mistake](wanted) : write(wanted);
      isFirst = false;
      return say(text, live ? (number % 9) + 1 : text.length);
    };
    return converseWithEmulatedTools({ request, ask, note: () => {} });
  },
};

async function* say(text: string, step: number): EventStream {
  const writer = createEventWriter();
  for (let at = 0; at < text.length; at += step) {
    writer.text(text.slice(at, at + step));
    yield writer.take();
  }
  writer.end({ kind: 'stop' });
  yield writer.take();
}

type WireMistake =
  | 'none'
  | 'id and name in every piece'
  | 'no index'
  | 'arguments as an object'
  | 'finished with stop'
  | ModelMistake;
/** What the model itself gets wrong: by native calling it passes as it is. */
type ModelMistake = 'a number as text' | 'a needed argument left out';

const native: ToolColumn<WireMistake> = {
  name: 'native',
  mistakes: [
    'none',
    'id and name in every piece',
    'no index',
    'arguments as an object',
    'finished with stop',
    'a number as text',
    'a needed argument left out',
  ],
  reply: (one, mistake, live) => (live ? streamNative(one, mistake) : sayWhole(one, mistake)),
};

function listNative({ wanted }: ToolCase, mistake: WireMistake) {
  const calls =
    mistake === 'a number as text'
      ? wanted.map(mistype)
      : mistake === 'a needed argument left out'
        ? wanted.map(without)
        : wanted;
  return calls.map((call, at) => {
    const text = JSON.stringify(call.arguments);
    const given = mistake === 'arguments as an object' ? call.arguments : text;
    return { index: at, id: `call_${at}`, type: 'function', text, function: { name: call.name, arguments: given } };
  });
}

async function* sayWhole(one: ToolCase, mistake: WireMistake): EventStream {
  const calls = listNative(one, mistake).map(({ index: _, text: __, ...call }) => call);
  const finish = mistake === 'finished with stop' ? 'stop' : 'tool_calls';
  const choice = { message: { role: 'assistant', content: null, tool_calls: calls }, finish_reason: finish };
  yield readOpenAiChatAnswer(JSON.stringify({ id: 'a', choices: [choice] }), 'verifier');
}

async function* streamNative(one: ToolCase, mistake: WireMistake): EventStream {
  const reader = createOpenAiChatStreamReader('verifier');
  const push = (delta: object, finish?: string) =>
    reader.push(Buffer.from(`data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish ?? null }] })}\n\n`));
  for (const { text, index, ...call } of listNative(one, mistake)) {
    const { name } = call.function;
    const place = mistake === 'no index' ? {} : { index };
    if (mistake === 'arguments as an object') {
      yield push({ tool_calls: [{ ...place, ...call }] });
      continue;
    }
    yield push({ tool_calls: [{ ...place, ...call, function: { name, arguments: '' } }] });
    const repeated = mistake === 'id and name in every piece';
    for (let at = 0; at < text.length; at += 7) {
      const piece = text.slice(at, at + 7);
      const head = repeated ? { id: call.id, type: 'function' } : {};
      yield push({
        tool_calls: [{ ...place, ...head, function: { ...(repeated ? { name } : {}), arguments: piece } }],
      });
    }
  }
  yield push({}, mistake === 'finished with stop' ? 'stop' : 'tool_calls');
  yield reader.push(Buffer.from('data: [DONE]\n\n'));
}

const find = (rates: readonly ToolRate[], mistake: string) => rates.filter((rate) => rate.mistake === mistake);

test('emulated calls fit their schemas, whatever the model does wrong first', { timeout: 60_000 }, async () => {
  const rates = await verifyTools(emulated, CASES);
  process.stdout.write(`${printRates(rates)}\n`);
  const hopeless = 'words, then an argument left out';
  for (const rate of rates.filter(({ mistake }) => mistake !== hopeless)) {
    expect(rate).toMatchObject({ valid: 200, exact: 200 });
  }
  // Words that have gone out cannot be taken back, so the call goes as it is.
  expect(find(rates, hopeless).map(({ valid }) => valid)).toEqual([0, 0]);
});

test('native calls come out as the upstream made them', { timeout: 60_000 }, async () => {
  const rates = await verifyTools(native, CASES);
  process.stdout.write(`${printRates(rates)}\n`);
  const wrong = new Set(['a number as text', 'a needed argument left out']);
  for (const rate of rates.filter(({ mistake }) => !wrong.has(mistake))) {
    expect(rate).toMatchObject({ valid: 200, exact: 200 });
  }
  expect(rates.filter(({ mistake }) => wrong.has(mistake)).every(({ valid }) => valid === 0)).toBe(true);
});
