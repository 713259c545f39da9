// Any reply that an upstream could give: well-formed canonical streams with every kind of block, calls side by side,
// blocks that hold nothing, counts early, late or never, and what only one dialect knows.
import fc from 'fast-check';
import type { JsonObject, Metadata } from '../../main/canonical/conversation.ts';
import type { ConversationEvent, EventBatch, FinishReason, Usage } from '../../main/canonical/events.ts';

/** A reply, and what it says in short. */
export interface GeneratedReply {
  /** From its start to its end. */
  readonly events: readonly ConversationEvent[];
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: JsonObject }[];
  readonly usage: Usage | undefined;
}

type Block =
  | { readonly type: 'text' | 'reasoning'; readonly deltas: readonly string[]; readonly metadata: Metadata | undefined }
  | { readonly type: 'tools'; readonly calls: readonly Call[] };

interface Call {
  readonly name: string;
  readonly input: JsonObject;
  /** Where the arguments' JSON is cut. */
  readonly cuts: readonly number[];
  /** Empty arguments come as no text at all. */
  readonly silent: boolean;
}

const words = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });
const deltas = fc.array(words, { maxLength: 3 });
const signed = fc.option(
  fc.base64String({ minLength: 4, maxLength: 12 }).map((signature): Metadata => ({ anthropic: { signature } })),
  { nil: undefined },
);
const foreign = fc.option(fc.constant<Metadata>({ elsewhere: { mark: 'x' } }), { nil: undefined });
const hidden: Block = { type: 'reasoning', deltas: [], metadata: { anthropic: { redacted: 'aGlkZGVu' } } };

const input = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(words, fc.integer(), fc.boolean(), fc.array(words)), {
    maxKeys: 3,
  })
  .map((fields) => ({ ...fields }) as JsonObject);
const call: fc.Arbitrary<Call> = fc.record({
  name: fc.stringMatching(/^[a-z_]{1,8}$/),
  input,
  cuts: fc.array(fc.nat(40), { maxLength: 3 }),
  silent: fc.boolean(),
});

const text: fc.Arbitrary<Block> = fc.record({ type: fc.constant('text' as const), deltas, metadata: foreign });
const reasoning: fc.Arbitrary<Block> = fc.record({ type: fc.constant('reasoning' as const), deltas, metadata: signed });
const tools: fc.Arbitrary<Block> = fc.record({
  type: fc.constant('tools' as const),
  calls: fc.array(call, { minLength: 1, maxLength: 3 }),
});

const usage: fc.Arbitrary<Usage> = fc
  .record({ fresh: fc.nat(1e6), cached: fc.nat(1e4), written: fc.nat(1e4), output: fc.nat(1e6), thought: fc.nat(100) })
  .map(({ fresh, cached, written, output, thought }) => ({
    inputTokens: fresh + cached + written,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: output + thought,
    reasoningTokens: thought,
  }));

const finish: fc.Arbitrary<FinishReason> = fc.constantFrom<FinishReason>(
  { kind: 'stop' },
  { kind: 'stop', raw: 'stop' },
  { kind: 'stop', raw: 'stop_sequence', stopText: 'END' },
  { kind: 'length', raw: 'max_tokens' },
  { kind: 'tool-calls' },
  { kind: 'content-filter', raw: 'refusal' },
  { kind: 'other' },
);

/** Replies; without tools for ways to ask that have none. */
export function anyReply(withTools: boolean): fc.Arbitrary<GeneratedReply> {
  const block = fc.oneof(text, reasoning, fc.constant(hidden), ...(withTools ? [tools] : []));
  return fc
    .record({
      blocks: fc.array(block, { maxLength: 4 }),
      head: fc.constantFrom<object>({}, { id: 'reply-1' }, { id: 'msg_1', model: 'answering' }),
      usage,
      counted: fc.constantFrom('never', 'early', 'late', 'both'),
      finish,
      /** In which order calls that run side by side go on. */
      order: fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }),
    })
    .map(({ blocks, head, usage, counted, finish, order }) => {
      const events: ConversationEvent[] = [{ type: 'reply-start', ...head }];
      if (counted === 'early' || counted === 'both') events.push({ type: 'usage', usage });
      let next = 0;
      for (const block of blocks) {
        const said = block.type === 'tools' ? writeCalls(block.calls, next, order) : writeBlock(block, next);
        next += block.type === 'tools' ? block.calls.length : 1;
        events.push(...said);
      }
      if (counted === 'late' || counted === 'both') events.push({ type: 'usage', usage });
      events.push({ type: 'reply-end', finishReason: finish });
      const say = (type: 'text' | 'reasoning') =>
        blocks.flatMap((block) => (block.type === type ? block.deltas : [])).join('');
      let at = 0;
      const calls = blocks.flatMap((block) => {
        if (block.type !== 'tools') {
          at += 1;
          return [];
        }
        return block.calls.map(({ name, input }) => ({ id: `call_${at++}`, name, input }));
      });
      return {
        events,
        text: say('text'),
        reasoning: say('reasoning'),
        calls,
        usage: counted === 'never' ? undefined : usage,
      };
    });
}

function writeBlock({ type, deltas, metadata }: Exclude<Block, { type: 'tools' }>, block: number): ConversationEvent[] {
  return [
    { type: `${type}-start`, block },
    ...deltas.map((text): ConversationEvent => ({ type: `${type}-delta`, block, text })),
    { type: `${type}-end`, block, metadata },
  ];
}

/** All calls open at once and go on in turns. */
function writeCalls(calls: readonly Call[], first: number, order: readonly number[]): ConversationEvent[] {
  const rest = calls.map(({ input, cuts, silent }, at): ConversationEvent[] => {
    const json = JSON.stringify(input);
    const places = [0, ...cuts.map((cut) => cut % json.length).sort((one, other) => one - other), json.length];
    const pieces = json === '{}' && silent ? [] : places.slice(1).map((end, index) => json.slice(places[index], end));
    const block = first + at;
    return [
      ...pieces.filter((text) => text !== '').map((text) => ({ type: 'tool-call-delta' as const, block, text })),
      { type: 'tool-call-end', block },
    ];
  });
  const events = calls.map(
    ({ name }, at): ConversationEvent => ({
      type: 'tool-call-start',
      block: first + at,
      id: `call_${first + at}`,
      name,
    }),
  );
  for (const turn of order) {
    const event = rest[turn]?.shift();
    if (event !== undefined) events.push(event);
  }
  return [...events, ...rest.flat()];
}

/** The events in batches that end at these places. */
export function cutIntoBatches(events: readonly ConversationEvent[], places: readonly number[]): EventBatch[] {
  const ends = [...new Set(places.map((place) => place % events.length))].sort((one, other) => one - other);
  const batches: EventBatch[] = [];
  let start = 0;
  for (const end of [...ends, events.length]) {
    if (end > start) batches.push(events.slice(start, end));
    start = end;
  }
  return batches;
}
