// A long tool loop over Claude Code as its upstream sees it: the script of its answers, and what must be true of its requests.
import { expect } from 'vitest';
import type { MessagesStub, RecordedRequest } from './messages-stub.ts';

/** A long loop. */
export const LOOP_STEPS = 10;
/** Enough to see that a dialect loses nothing on the way. */
export const SHORT_LOOP_STEPS = 3;

/** The client's tool in the model's eyes. */
const WIRE_NAME = 'mcp__gw__get_weather';

/** The requests that a stub has had for its model; older programs look whether it is there before they ask. */
export function listCalls({ requests }: MessagesStub): RecordedRequest[] {
  return requests.filter(({ method }) => method === 'POST');
}

/** Where the weather is asked for, in the order of the calls. */
export function listCities(steps: number): string[] {
  return Array.from({ length: steps }, (_, step) => nameCities(step)).flat();
}

const nameCities = (step: number) => [`Oslo ${step}`, `Rome ${step}`];

/** Two calls a step, then a text. */
export function scriptLoop(stub: MessagesStub, steps: number): void {
  for (let step = 0; step < steps; step += 1) {
    stub.reply({
      text: `Step ${step}.`,
      toolUses: nameCities(step).map((city, at) => ({ id: `toolu_${step}_${at}`, name: WIRE_NAME, input: { city } })),
    });
  }
  stub.reply({ text: 'All done.' });
}

/** One block of the upstream's turns. */
export interface WireBlock {
  readonly role: string;
  readonly type?: string;
  readonly text?: string;
}

/** The upstream's blocks without cache markers, which move with the end, and without what the program adds. */
export function readBlocks({ body }: RecordedRequest): WireBlock[] {
  const turns = (body.messages ?? []).filter(({ role }) => role !== 'system');
  return turns.flatMap(({ role, content }) => {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : (content as object[]);
    return blocks
      .map(({ cache_control: _, ...block }: { cache_control?: unknown; text?: string }) => ({ role, ...block }))
      .filter(({ text }) => !text?.startsWith('<system-reminder>'));
  });
}

/** What each step of a loop adds, in its order. */
const STEP = ['text', 'tool_use', 'tool_use', 'tool_result', 'tool_result'];

/** Each request begins with all of the one before, and nothing but the calls and results of one step is new. */
export function expectOneConversation(stub: MessagesStub, steps: number, added: readonly string[] = STEP): void {
  const calls = listCalls(stub);
  expect(calls).toHaveLength(steps + 1);
  expect(new Set(calls.map(({ body }) => JSON.stringify(body.tools))).size).toBe(1);
  const systems = calls.map(({ body }) => JSON.stringify(body.system).replace(/cc_version=[^;]*/, ''));
  expect(new Set(systems).size).toBe(1);
  calls.reduce((before, request) => {
    const blocks = readBlocks(request);
    const known = readBlocks(before);
    expect(blocks.slice(0, known.length)).toEqual(known);
    expect(blocks.slice(known.length).map(({ type }) => type)).toEqual(added);
    return request;
  });
}

/** What the upstream read from its cache for each request: all that it had kept of the one before. */
export function expectCacheHits(stub: MessagesStub): number[] {
  const counts = listCalls(stub).map((request) => request.counts);
  const read = counts.map((count) => count?.cache_read_input_tokens ?? 0);
  const kept = counts.map((count) => (count?.cache_read_input_tokens ?? 0) + (count?.cache_creation_input_tokens ?? 0));
  expect(read).toEqual([0, ...kept.slice(0, -1)]);
  for (const [at, count] of kept.entries()) expect(count).toBeGreaterThan(kept[at - 1] ?? 0);
  return read;
}
