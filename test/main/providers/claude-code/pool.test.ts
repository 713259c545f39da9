// Programs that wait: for the next turn of their conversation, or for any first one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AssistantMessage, Message } from '../../../../main/canonical/conversation.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { type FakeHouse, openFakeHouse, sayLines } from '../../../support/fake-claude.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const POOL = { most: 4, mostWaiting: 2, mostWarm: 1, idleMs: 60_000 };
const result = { type: 'result', subtype: 'success', is_error: false, num_turns: 1 };
const turn = (words: string) => ({ print: [...sayLines([words]), result] });
const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const assistant = (...parts: AssistantMessage['parts']): Message => ({ role: 'assistant', parts });
const text = (words: string) => ({ type: 'text' as const, text: words });

async function ask(
  house: FakeHouse,
  messages: readonly Message[],
  context: { signal?: AbortSignal; clientKey?: string } = {},
): Promise<string> {
  const events: ConversationEvent[] = [];
  for await (const batch of house.converse({ messages }, context)) events.push(...batch);
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}

/** What each started program was told besides its setup, in short. */
function listTold(house: FakeHouse): string[][] {
  const programs: string[][] = [];
  for (const { pid, told, from } of house.diary()) {
    if (pid !== undefined && told === undefined) programs[pids(house).indexOf(pid)] = [];
    if (told === undefined || told.type === 'control_request' || from === undefined) continue;
    const { content } = told.message as { content: { type: string; text?: string; content?: unknown }[] };
    const words = content.map((block) => block.text ?? block.content ?? block.type).join('+');
    programs[pids(house).indexOf(from)]?.push(`${told.shouldQuery === false ? 'old ' : ''}${told.type}: ${words}`);
  }
  return programs;
}
/** The lines of a reply that calls the tool `f`. */
const call = (() => {
  const event = (inner: object) => ({ type: 'stream_event', event: inner, parent_tool_use_id: null });
  const block = { type: 'tool_use', id: 'toolu_1', name: 'mcp__gw__f', input: {} };
  const input = { type: 'input_json_delta', partial_json: '{"b":1,"a":2}' };
  return [
    event({ type: 'message_start', message: { id: 'msg_1', model: 'claude-x' } }),
    event({ type: 'content_block_start', index: 0, content_block: block }),
    event({ type: 'content_block_delta', index: 0, delta: input }),
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} }),
  ];
})();
const called = assistant({ type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"a":2, "b":1}' });
const answered: Message = { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'toolu_1', parts: [text('R')] }] };

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const pids = (house: FakeHouse) => house.diary().flatMap(({ pid }) => (pid === undefined ? [] : [pid]));

describe('a program that has answered', () => {
  it('is told only the next turn, and no other program is', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A1'), { told: 2 }, turn('A2')], {
      pool: { ...POOL, mostWarm: 0 },
    });
    expect(await ask(house, [user('Q1')])).toBe('A1');
    expect(await ask(house, [user('Q1'), assistant(text('A1')), user('Q2')])).toBe('A2');
    expect(listTold(house)[0]).toEqual(['user: Q1', 'user: Q2']);
  });

  it('is let go of where it has said more than anybody goes on from, and its words arrive all the same', async () => {
    const [start, delta, end] = sayLines(['x'.repeat(4_000)]) as [object, object, object];
    const count = 300;
    const house = openFakeHouse(
      [{ told: 1 }, { print: [start] }, { flood: { line: delta, count } }, { print: [end, result] }, { told: 2 }],
      { pool: { ...POOL, mostWarm: 0 } },
    );
    const said = await ask(house, [user('Q1')]);
    expect(said.length).toBe(4_000 * count);
    await expect.poll(() => pids(house).filter(isAlive), { timeout: 5_000 }).toEqual([]);
  });

  it('is not taken for a conversation that differs, in however small a thing', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A')], { pool: POOL });
    await ask(house, [user('Q1')]);
    await ask(house, [user('Q1'), assistant(text('A.')), user('Q2')]);
    const all = listTold(house).flat();
    expect(all).toContain('old user: Q1');
    expect(all).toContain('assistant: A.');
  });

  it('is not asked for the same words of another key', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A')], { pool: { ...POOL, mostWarm: 0 } });
    await ask(house, [user('Q1')], { clientKey: 'one' });
    await ask(house, [user('Q1'), assistant(text('A')), user('Q2')], { clientKey: 'two' });
    expect(listTold(house)).toEqual([['user: Q1'], ['old user: Q1', 'assistant: A', 'user: Q2']]);
  });

  it('is not asked when somebody has signed in or out since, beside Patchbay', async () => {
    const home = makeTempFolder();
    const house = openFakeHouse([{ told: 1 }, turn('A')], {
      pool: { ...POOL, mostWarm: 0 },
      account: { method: 'login', env: { HOME: home } },
      secrets: {},
    });
    await ask(house, [user('Q1')]);
    mkdirSync(join(home, '.claude'));
    writeFileSync(join(home, '.claude', '.credentials.json'), '{}');
    await ask(house, [user('Q1'), assistant(text('A')), user('Q2')]);
    expect(listTold(house)).toEqual([['user: Q1'], ['old user: Q1', 'assistant: A', 'user: Q2']]);
  });

  it('that has called tools is replaced by one that knows the conversation so far', async () => {
    const house = openFakeHouse([{ told: 1 }, { print: call }], { pool: POOL });
    await ask(house, [user('Q1')]);
    await expect
      .poll(() => listTold(house).slice(1).flat(), { timeout: 5_000 })
      .toEqual(['old user: Q1', 'assistant: tool_use']);
    await ask(house, [user('Q1'), called, answered]);
    expect(listTold(house).slice(1).flat()).toEqual(['old user: Q1', 'assistant: tool_use', 'user: R']);
  });
});

it('passes on a call whose arguments nest without end, and goes on in a new program', async () => {
  const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const lines = JSON.parse(JSON.stringify(call).replace(JSON.stringify('{"b":1,"a":2}'), () => JSON.stringify(deep)));
  const house = openFakeHouse([{ told: 1 }, { print: lines }], { pool: POOL });
  const events: ConversationEvent[] = [];
  for await (const batch of house.converse({ messages: [user('Q1')] })) events.push(...batch);
  expect(events).toContainEqual(expect.objectContaining({ type: 'tool-call-delta', text: deep }));
  expect(events.at(-1)).toMatchObject({ type: 'reply-end' });
});

describe('programs that wait', () => {
  it('are no more than allowed, and end when nobody comes', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A')], { pool: { ...POOL, idleMs: 300 } });
    for (const words of ['one', 'two', 'three']) await ask(house, [user(words)]);
    await expect
      .poll(() => pids(house).filter(isAlive).length, { timeout: 5_000 })
      .toBeLessThanOrEqual(POOL.mostWaiting);
    await expect.poll(() => pids(house).filter(isAlive), { timeout: 3_000 }).toEqual([]);
  });

  it('make room for who has to wait otherwise', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A')], {
      pool: { most: 1, mostWaiting: 1, mostWarm: 1, idleMs: 60_000 },
    });
    expect(await ask(house, [user('one')])).toBe('A');
    expect(await ask(house, [user('two')])).toBe('A');
    expect(await ask(house, [user('three')])).toBe('A');
  });

  it('that die while they wait are not asked', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A1'), { exit: 3 }], { pool: POOL });
    await ask(house, [user('Q1')]);
    await expect.poll(() => pids(house).length).toBeGreaterThan(0);
    expect(await ask(house, [user('Q1'), assistant(text('A1')), user('Q2')])).toBe('A1');
  });

  it('and begin to answer before they die are not replaced: their upstream was asked', async () => {
    const begin = { print: [{ type: 'system', subtype: 'init' }] };
    const house = openFakeHouse([{ told: 1 }, turn('A1'), { told: 2 }, begin, { exit: 3 }], {
      pool: { ...POOL, mostWarm: 0 },
    });
    await ask(house, [user('Q1')]);
    await expect(ask(house, [user('Q1'), assistant(text('A1')), user('Q2')])).rejects.toThrow('ended with code 3');
    expect(listTold(house).flat()).toEqual(['user: Q1', 'user: Q2']);
  });

  it('and do not take in what they are told are neither waited for nor kept', async () => {
    const house = openFakeHouse([{ told: 1 }, { print: call }], {
      pool: { ...POOL, mostWarm: 0, patienceMs: 50 },
      limits: { firstByteMs: 500, idleMs: 500 },
      acknowledge: false,
    });
    await ask(house, [user('Q1')]);
    await expect(ask(house, [user('Q1'), called, answered])).rejects.toThrow('did not begin to answer in time');
    expect(pids(house).length).toBe(3);
    await expect.poll(() => pids(house).filter(isAlive), { timeout: 5_000 }).toEqual([]);
  });

  it('are given up with the request that waits for them', async () => {
    const house = openFakeHouse([{ told: 1 }, { print: call }], {
      pool: { ...POOL, mostWarm: 0 },
      acknowledge: false,
    });
    await ask(house, [user('Q1')]);
    const client = new AbortController();
    const asking = ask(house, [user('Q1'), called, answered], { signal: client.signal });
    client.abort(new Error('The client left.'));
    await expect(asking).rejects.toMatchObject({ kind: 'aborted' });
    await expect.poll(() => pids(house).filter(isAlive), { timeout: 5_000 }).toEqual([]);
  });

  it('end, one after the other, when the settings allow fewer', async () => {
    let programLimits = {};
    const house = openFakeHouse([{ told: 1 }, turn('A')], {
      pool: { ...POOL, mostWarm: 0 },
      programLimits: () => programLimits,
    });
    await ask(house, [user('one')]);
    await ask(house, [user('two')]);
    expect(pids(house).filter(isAlive).length).toBe(2);
    programLimits = { mostWaiting: 1 };
    await expect.poll(() => pids(house).filter(isAlive).length, { timeout: 5_000 }).toBe(1);
    programLimits = { mostWaiting: 0 };
    await expect.poll(() => pids(house).filter(isAlive), { timeout: 5_000 }).toEqual([]);
  });

  it('leave with the provider', async () => {
    const house = openFakeHouse([{ told: 1 }, turn('A')], { pool: POOL });
    await ask(house, [user('one')]);
    await house.provider.close?.();
    for (const pid of pids(house)) expect(() => process.kill(pid, 0)).toThrow();
  });
});
