// Kimi's own web search: receipts go back unchanged, the client sees one reply, and nothing is searched while a model thinks.
import { describe, expect, it, onTestFinished } from 'vitest';
import { type KimiScene, openKimiScene } from '../../../support/kimi-scene.ts';
import type { KimiKind } from '../../../support/kimi-stub.ts';

const open = async (kind?: KimiKind): Promise<KimiScene> => {
  const scene = await openKimiScene(kind);
  onTestFinished(scene.close);
  return scene;
};

const RECEIPT = '{"search_result": {"search_id":"s1"}, "usage":{"total_tokens":7123}}';
const SEARCH = { name: '$web_search', arguments: RECEIPT, type: 'builtin_function' };
const values = { webSearch: 'yes' };

describe('with the setting on', () => {
  it.each([false, true])('a search is handed back as it came, and the answer is one (streamed: %s)', async (live) => {
    const { stub, ask, notes } = await open();
    stub.reply({ text: 'I search. ', calls: [SEARCH] });
    stub.reply({ text: 'It snows.' });
    const reply = await ask({ tools: [{ name: 'run' }] }, { live, values });
    expect(reply.parts).toEqual([{ type: 'text', text: 'I search. It snows.' }]);
    expect(reply).toMatchObject({ finishReason: { kind: 'stop' }, usage: { inputTokens: 24, outputTokens: 10 } });
    const [first, second] = stub.asked();
    expect(first).toMatchObject({
      thinking: { type: 'disabled' },
      tools: [{ function: { name: 'run' } }, { type: 'builtin_function', function: { name: '$web_search' } }],
    });
    expect(second.messages.slice(-2)).toEqual([
      {
        role: 'assistant',
        content: 'I search. ',
        tool_calls: [
          {
            id: 'functions.$web_search:0',
            type: 'builtin_function',
            function: { name: '$web_search', arguments: RECEIPT },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'functions.$web_search:0', name: '$web_search', content: RECEIPT },
    ]);
    expect(notes).toEqual(['The model searched the web: 7123 tokens of what was found.']);
  });

  it('a call of the client’s own ends the reply', async () => {
    const { stub, ask } = await open();
    stub.reply({ calls: [SEARCH, { name: 'run', arguments: '{}' }] });
    const { parts, finishReason } = await ask({ tools: [{ name: 'run' }] }, { values });
    expect(parts).toMatchObject([{ type: 'tool-call', name: 'run' }]);
    expect(finishReason.kind).toBe('tool-calls');
    expect(stub.asked()).toHaveLength(1);
  });

  it('a model that searches without end is stopped', async () => {
    const { stub, ask } = await open();
    for (let round = 0; round < 9; round++) stub.reply({ calls: [SEARCH] });
    expect((await ask({}, { values })).finishReason.kind).toBe('other');
    expect(stub.asked()).toHaveLength(6);
    expect(stub.asked().at(-1)).not.toHaveProperty('tools');
  });

  it.each([
    ['kimi-k2.6', { reasoning: { effort: 'high' } }, undefined, 'the model cannot search while it thinks'],
    ['kimi-k2-thinking', {}, undefined, 'the model cannot search while it thinks'],
    [
      'kimi-k2.6',
      { tools: [{ name: 'run' }], toolChoice: { type: 'none' } as const },
      undefined,
      'the client says which tools are to be called',
    ],
    ['kimi-for-coding', {}, 'code' as const, 'only Kimi’s pay-as-you-go platform has it'],
  ])('it is not offered to %s asked with %o, and that is noted', async (model, request, kind, why) => {
    const { stub, ask, notes } = await open(kind);
    await ask({ model, ...request }, { values });
    expect(JSON.stringify(stub.asked()[0])).not.toContain('$web_search');
    expect(notes).toContain(`Web search was not offered: ${why}.`);
  });
});

it('with the setting off it is not offered', async () => {
  const { stub, ask } = await open();
  await ask({});
  expect(stub.asked()[0]).not.toHaveProperty('tools');
});
