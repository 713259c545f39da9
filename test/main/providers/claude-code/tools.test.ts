// The client's tools on their way to the program, and their names on the way back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, Tool } from '../../../../main/canonical/conversation.ts';
import { createToolNames } from '../../../../main/providers/claude-code/names.ts';
import { offerTools } from '../../../../main/providers/claude-code/tools.ts';

function offer(tools: readonly Tool[]) {
  const notes: string[] = [];
  const offered = offerTools({ tools }, createToolNames(tools), (text) => notes.push(text));
  const ask = (message: JsonObject) => offered.answer({ subtype: 'mcp_message', server_name: 'gw', message });
  const list = ask({ jsonrpc: '2.0', id: 2, method: 'tools/list' }) as {
    mcp_response: { result: { tools: JsonObject[] } };
  };
  return { ...offered, ask, notes, listed: list.mcp_response.result.tools };
}

describe('the tool server', () => {
  const weather: Tool = {
    name: 'get weather',
    description: 'Tells it.',
    parameters: { type: 'object', properties: { city: { type: 'string', minLength: 1 } }, $defs: { a: {} } },
  };

  it('says of itself what programs ask, in their version', () => {
    const params = { protocolVersion: '2030-01-01', capabilities: {} };
    expect(offer([weather]).ask({ jsonrpc: '2.0', id: 0, method: 'initialize', params })).toEqual({
      mcp_response: {
        jsonrpc: '2.0',
        id: 0,
        result: {
          protocolVersion: '2030-01-01',
          capabilities: { tools: {} },
          serverInfo: { name: 'gw', version: '1' },
        },
      },
    });
    expect(offer([weather]).ask({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({
      mcp_response: { jsonrpc: '2.0', id: 0, result: {} },
    });
  });

  it('lists the tools with unharmed schemas', () => {
    expect(offer([weather, { name: 'none' }]).listed).toEqual([
      {
        name: 'get_weather',
        description: 'Tells it.',
        inputSchema: weather.parameters,
        annotations: { readOnlyHint: true },
      },
      {
        name: 'none',
        description: '',
        inputSchema: { type: 'object', properties: {} },
        annotations: { readOnlyHint: true },
      },
    ]);
  });

  it('says in words what no schema of the upstream can say', () => {
    const parameters = {
      type: 'object',
      properties: { a: {}, b: {} },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    };
    expect(offer([{ name: 'x', description: 'Does.', parameters }]).listed[0]).toMatchObject({
      description:
        'Does.\n\nThe input must also fit this JSON Schema: {"anyOf":[{"required":["a"]},{"required":["b"]}]}',
      inputSchema: { type: 'object', properties: { a: {}, b: {} } },
    });
  });

  it('leaves a call without an answer, and refuses what it does not know', () => {
    const { ask, answer } = offer([weather]);
    expect(ask({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'get_weather' } })).toBeUndefined();
    expect(ask({ jsonrpc: '2.0', id: 4, method: 'server/discover' })).toEqual({
      mcp_response: { jsonrpc: '2.0', id: 4, error: { code: -32601, message: 'Unknown method: server/discover' } },
    });
    expect(answer({ subtype: 'can_use_tool' })).toBeUndefined();
  });

  it('is not spoken of where there are no tools', () => {
    expect(offer([]).setup).toEqual({});
    expect(offer([weather]).setup).toMatchObject({ sdkMcpServers: ['gw'] });
  });
});

describe('the names', () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 200 }),
    fc.constantFrom(
      'a.b',
      'a/b',
      'a_b',
      'mcp__gw__a',
      'mcp__x__y',
      'Bash',
      'x'.repeat(119),
      'x'.repeat(120),
      'x'.repeat(121),
    ),
  );

  it('come back as they were, each its own, in a form that the upstream takes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 12 }), (all) => {
        const names = createToolNames(all.map((each) => ({ name: each })));
        const written = all.map(names.write);
        expect(new Set(written).size).toBe(all.length);
        for (const each of written) expect(each).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
        expect(written.map(names.read)).toEqual(all);
      }),
    );
  });

  it('of tools that are no longer offered are only made to fit', () => {
    const names = createToolNames([]);
    expect([names.write('old tool'), names.read('mcp__gw__old_tool'), names.read('ToolSearch')]).toEqual([
      'mcp__gw__old_tool',
      'old_tool',
      'ToolSearch',
    ]);
  });
});
