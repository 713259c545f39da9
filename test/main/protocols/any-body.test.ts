// Whatever stands in a body, and wherever: a reader understands it or names the field that is wrong. It never fails in any
// other way, and neither does what is written out of what it understood.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../main/canonical/collect.ts';
import type { Json } from '../../../main/canonical/conversation.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { estimateInputTokens } from '../../../main/canonical/estimate.ts';
import type { ConversationEvent } from '../../../main/canonical/events.ts';
import type { ReplyHead, Route, RouteRequest } from '../../../main/protocols/protocol.ts';
import { writeOpenAiChatRequest } from '../../../main/providers/kit/openai-chat-request.ts';
import { listTestProtocols } from '../../support/books.ts';
import { WHOLE_BODIES } from '../../support/whole-bodies.ts';

const head: ReplyHead = { requestId: 'r1', model: 'm', createdAt: 1, note: () => {} };
const dialect = { maxTokensField: 'max_tokens', streamUsage: true } as const;
const reply: Reply = {
  parts: [
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'hello' },
    { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
    { type: 'tool-call', id: 'c2', name: 'patch', arguments: '{"input":"x"}' },
  ],
  finishReason: { kind: 'tool-calls' },
};
const events: readonly ConversationEvent[] = [
  { type: 'reply-start' },
  { type: 'reasoning-start', block: 0 },
  { type: 'reasoning-delta', block: 0, text: 'hm' },
  { type: 'reasoning-end', block: 0 },
  { type: 'tool-call-start', block: 1, id: 'c1', name: 'patch' },
  { type: 'tool-call-start', block: 2, id: 'c2', name: 'f' },
  { type: 'tool-call-delta', block: 1, text: '{"input":"x"}' },
  { type: 'tool-call-delta', block: 2, text: '{}' },
  { type: 'tool-call-end', block: 2 },
  { type: 'tool-call-end', block: 1 },
  { type: 'reply-end', finishReason: { kind: 'tool-calls' } },
];

/** Reads a body as its route does, and writes all that comes of it. */
function serve(route: Route, body: unknown): void {
  const request: RouteRequest = { headers: {}, name: 'm', query: 'alt=sse', key: 'k' };
  switch (route.action) {
    case 'converse': {
      const exchange = route.readRequest(body, request);
      if ('ready' in exchange) return;
      if ('conversation' in exchange) {
        writeOpenAiChatRequest(exchange.conversation, true, dialect, () => {});
        estimateInputTokens(exchange.conversation);
      }
      JSON.stringify(exchange.writeReply(reply, head));
      const writer = exchange.openStream(head);
      for (const event of events) writer.write([event]);
      return;
    }
    case 'count':
      estimateInputTokens(route.readConversation(body, request));
      return;
    case 'embed':
    case 'images':
      JSON.stringify(route.readRequest(body, request).request);
      return;
    case 'model-query':
      route.readModelName(body);
      return;
    default:
  }
}

/** Those that read a body; the same ones without a version in their path read it in the same way. */
const routes = listTestProtocols()
  .flatMap((protocol) => protocol.routes)
  .filter(({ action }) => ['converse', 'count', 'embed', 'images', 'model-query'].includes(action))
  .filter(({ path }) => /^\/(v1|api)/.test(path));

/** The longest end of a path that there are bodies for tells it best. */
function readBodies(path: string): readonly Json[] {
  const ends = Object.keys(WHOLE_BODIES).filter((end) => path.endsWith(end));
  const [end = ''] = ends.sort((one, other) => other.length - one.length);
  return WHOLE_BODIES[end] ?? [];
}

type Path = readonly (string | number)[];

/** Every place in a value, the value itself first. */
function listPlaces(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => listPlaces(inner, [...path, key]))];
}

function put(value: Json, [key, ...rest]: Path, other: Json): Json {
  if (key === undefined) return other;
  if (Array.isArray(value))
    return value.map((inner: Json, at) => (String(at) === String(key) ? put(inner, rest, other) : inner));
  const entries = Object.entries(value as object) as [string, Json][];
  return Object.fromEntries(entries.map(([name, inner]) => [name, name === key ? put(inner, rest, other) : inner]));
}

/** `value` with a further field, where it is an object; one called `__proto__` is a field like any other in JSON. */
function add(value: Json, [key, ...rest]: Path, name: string, field: Json): Json {
  if (key !== undefined) return put(value, [key], add((value as Record<string, Json>)[key] as Json, rest, name, field));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return JSON.parse(
    `{${JSON.stringify(name)}:${JSON.stringify(field)},${JSON.stringify(value).slice(1)}`.replace(/,}$/, '}'),
  ) as Json;
}

const NAMES = ['__proto__', 'constructor', 'toString', 'unknown_field', '_'];
const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1e308, '', ' ', [], {}, [null], [[]], [{}], { type: null }),
  fc.constantFrom(...NAMES),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(...NAMES.map((name) => JSON.parse(`{"${name}":{"a":"b"}}`) as Json)),
);

function check(route: Route, body: Json): void {
  try {
    serve(route, body);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'internal' || /\[object|\bfunction [A-Z]|native code/.test(error.message))
      throw new Error(error.message);
  }
}

describe.each(routes)('the reader of $path ($action)', (route) => {
  const bodies = readBodies(route.path);

  it('has whole bodies to be tried with', () => {
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) expect(() => serve(route, body)).not.toThrow();
  });

  it('refuses no field for being unknown, whatever its name', () => {
    for (const body of bodies) {
      for (const [at, place] of listPlaces(body).entries()) {
        serve(route, add(body, place, NAMES[at % NAMES.length] as string, { a: 'b' }));
      }
      for (const name of NAMES) serve(route, add(body, [], name, { a: 'b' }));
    }
  });

  it('throws nothing but refusals', () => {
    for (const body of bodies) {
      const places = listPlaces(body);
      for (const place of places) {
        check(route, put(body, place, null));
      }
      fc.assert(
        fc.property(fc.constantFrom(...places), strange, (place, value) => check(route, put(body, place, value))),
        { numRuns: 100 },
      );
    }
  });
});

it.each([
  [
    '/v1/chat/completions',
    ['stream', 'parallel_tool_calls', 'logprobs', 'reasoning_effort', 'stream_options', 'n', 'seed'],
  ],
  [
    '/v1/responses',
    ['stream', 'store', 'parallel_tool_calls', 'reasoning', 'stream_options', 'text', 'include', 'top_p'],
  ],
  ['/v1/completions', ['stream', 'echo', 'stream_options', 'stop', 'best_of', 'temperature']],
  ['/v1/images/generations', ['stream', 'size', 'n', 'response_format']],
  ['/api/chat', ['stream', 'options', 'format', 'tools']],
] as const)('a field of %s that is known is not passed over where its type is wrong: %j', (path, fields) => {
  const [body = null] = readBodies(path);
  const route = routes.find((each) => each.path === path) as Route;
  for (const field of fields) {
    const wrong = ['temperature', 'top_p', 'n', 'seed', 'best_of'].includes(field) ? 'true' : 7;
    expect(() => serve(route, put(body, [field], wrong)), field).toThrow(
      expect.objectContaining({ kind: 'invalid-request' }),
    );
  }
});
