// A check in the spirit of Kimi's vendor verifier: hundreds of generated tool sets, a scripted model that errs in scripted
// ways, and the question whether each call that comes out fits the schema of its tool, whole and streamed. Each way to tool
// calling is a column; it brings its own model, which writes the wanted calls on that way's wire.
import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { collect } from '../../main/canonical/collect.ts';
import type { ConversationRequest, Json, JsonObject, Tool } from '../../main/canonical/conversation.ts';
import type { EventStream } from '../../main/canonical/events.ts';

/** A call that the model means to make. */
export interface WantedCall {
  readonly name: string;
  readonly arguments: JsonObject;
}

/** A request with a tool set of its own, and the calls that a good model answers it with. */
export interface ToolCase {
  readonly request: ConversationRequest;
  /** One to three, of offered tools, with arguments that fit. */
  readonly wanted: readonly WantedCall[];
  /** The number of the case, for what a model does differently from case to case. */
  readonly number: number;
}

/** One way to tool calling. */
export interface ToolColumn<Mistake extends string> {
  readonly name: string;
  /** What the model does wrong; each is tried with every tool set in turn, about as often as `none`. */
  readonly mistakes: readonly Mistake[];
  /** The reply to the case by a model that makes the mistake. */
  reply(one: ToolCase, mistake: Mistake, live: boolean): EventStream;
}

/** What came out of one column in one mode for one mistake. */
export interface ToolRate {
  readonly column: string;
  readonly mode: 'whole' | 'streamed';
  readonly mistake: string;
  readonly replies: number;
  /** Replies that ended as a reply with calls, every call of an offered tool with arguments that fit its schema. */
  readonly valid: number;
  /** Of these, the ones with exactly the wanted calls. */
  readonly exact: number;
}

interface Shaped {
  readonly schema: JsonObject;
  readonly value: Json;
}

const text = fc.oneof(
  fc.string({ maxLength: 30, unit: 'grapheme' }),
  fc.constantFrom('a "b" \\ c\n\td', '</tool_call>', '<|tool_call_end|>', '{"name":"x"}', '```js\n`x`\n```', '天气 🌍'),
);
const key = fc.constantFrom(
  'path',
  'city',
  'days',
  'limit',
  'body',
  'tags',
  'options',
  'name',
  'arguments',
  '文件',
  'x-y',
);

const { shaped } = fc.letrec<{ shaped: Shaped; object: Shaped }>((tie) => ({
  shaped: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'tool-schema' },
    text.map((value): Shaped => ({ schema: { type: 'string', description: 'Some text.' }, value })),
    fc
      .constantFrom('low', 'high')
      .map((value): Shaped => ({ schema: { type: 'string', enum: ['low', 'high'] }, value })),
    fc.integer({ min: 0, max: 99 }).map((value): Shaped => ({ schema: { type: 'integer', minimum: 0 }, value })),
    fc.constantFrom(0.5, -3, 1e21).map((value): Shaped => ({ schema: { type: 'number' }, value })),
    fc.boolean().map((value): Shaped => ({ schema: { type: 'boolean' }, value })),
    fc.constantFrom('x', null).map((value): Shaped => ({ schema: { type: ['string', 'null'] }, value })),
    fc.integer({ min: 1, max: 3 }).chain((count) =>
      (tie('shaped') as fc.Arbitrary<Shaped>).map(
        ({ schema, value }): Shaped => ({
          schema: { type: 'array', items: schema },
          value: Array(count).fill(value) as Json[],
        }),
      ),
    ),
    tie('object') as fc.Arbitrary<Shaped>,
  ),
  object: fc
    .uniqueArray(
      fc.tuple(key, tie('shaped') as fc.Arbitrary<Shaped>, fc.constantFrom('required', 'given', 'left out')),
      {
        maxLength: 4,
        selector: ([name]) => name,
      },
    )
    .map((fields): Shaped => {
      const entries = fields.map(([name, { schema }]) => [name, schema] as const);
      const values = fields.flatMap(([name, { value }, use]) => (use === 'left out' ? [] : [[name, value] as const]));
      const required = fields.flatMap(([name, , use]) => (use === 'required' ? [name] : []));
      const properties = Object.fromEntries(entries);
      return {
        schema: { type: 'object', properties, required, additionalProperties: false },
        value: Object.fromEntries(values),
      };
    }),
}));

/** Every tool takes a number and a text that it needs, so that a model can get them wrong. */
const parameters = fc.array(shaped, { maxLength: 3 }).map((extra): Shaped => {
  const properties: Record<string, JsonObject> = {
    query: { type: 'string', description: 'What is looked for. It may be long.' },
    count: { type: 'integer' },
  };
  const value: Record<string, Json> = { query: 'all "quoted"\nlines', count: 3 };
  for (const [at, one] of extra.entries()) {
    properties[`field${at}`] = one.schema;
    value[`field${at}`] = one.value;
  }
  return { schema: { type: 'object', properties, required: ['query', 'count'] }, value };
});

const anyCase = fc
  .tuple(
    fc.array(parameters, { minLength: 1, maxLength: 12 }),
    fc.constantFrom('tool', 'mcp__server__do', 'read-file', 'Bash'),
    fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  )
  .map(([all, stem, picks]) => {
    const tools: Tool[] = all.map(({ schema }, at) => ({
      name: `${stem}_${at}`,
      description: 'Does something. It does it well.',
      parameters: schema,
    }));
    const wanted = picks.map((pick): WantedCall => {
      const at = pick % all.length;
      return { name: `${stem}_${at}`, arguments: all[at]?.value as JsonObject };
    });
    return { tools, wanted };
  });

/** The same cases each time. */
export function makeToolCases(count: number): ToolCase[] {
  return fc.sample(anyCase, { numRuns: count, seed: 20 }).map(({ tools, wanted }, number) => ({
    number,
    wanted: JSON.parse(JSON.stringify(wanted)) as WantedCall[],
    request: {
      model: 'model',
      tools,
      messages: [{ role: 'user', parts: [{ type: 'text', text: `Case ${number}: use the tools.` }] }],
    },
  }));
}

/** Asks the column for every case with every mistake, whole and streamed. */
export async function verifyTools<Mistake extends string>(
  column: ToolColumn<Mistake>,
  cases: readonly ToolCase[],
): Promise<ToolRate[]> {
  const rates: ToolRate[] = [];
  for (const mode of ['whole', 'streamed'] as const) {
    for (const mistake of column.mistakes) {
      let valid = 0;
      let exact = 0;
      for (const one of cases) {
        const calls = await readCalls(column.reply(one, mistake, mode === 'streamed'));
        if (!isValid(calls, one)) continue;
        valid += 1;
        if (isExact(calls, one)) exact += 1;
      }
      rates.push({ column: column.name, mode, mistake, replies: cases.length, valid, exact });
    }
  }
  return rates;
}

/** The rates as lines of a table. */
export function printRates(rates: readonly ToolRate[]): string {
  const percent = (count: number, of: number) => `${((100 * count) / of).toFixed(1)} %`.padStart(8);
  const line = ({ column, mode, mistake, replies, valid, exact }: ToolRate) =>
    `${column.padEnd(10)} ${mode.padEnd(9)} ${mistake.padEnd(36)} ${percent(valid, replies)} valid ${percent(exact, replies)} exact of ${replies}`;
  return rates.map(line).join('\n');
}

interface CallMade {
  readonly name: string;
  readonly text: string;
}

/** Nothing where the reply failed or did not end with calls. */
async function readCalls(events: EventStream): Promise<readonly CallMade[]> {
  try {
    const { parts, finishReason } = await collect(events);
    if (finishReason.kind !== 'tool-calls') return [];
    return parts.flatMap((part) => (part.type === 'tool-call' ? [{ name: part.name, text: part.arguments }] : []));
  } catch {
    return [];
  }
}

function isValid(calls: readonly CallMade[], { request }: ToolCase): boolean {
  const fits = ({ name, text: given }: CallMade) => {
    const tool = request.tools?.find((one) => one.name === name);
    if (tool?.parameters === undefined) return false;
    try {
      return new Validator(tool.parameters, '2020-12').validate(JSON.parse(given)).valid;
    } catch {
      return false;
    }
  };
  return calls.length > 0 && calls.every(fits);
}

function isExact(calls: readonly CallMade[], { wanted }: ToolCase): boolean {
  const made = calls.map(({ name, text: given }) => ({ name, arguments: JSON.parse(given) as Json }));
  return JSON.stringify(made) === JSON.stringify(wanted);
}
