// A conversation over several accounts that take turns: it stays with one of them, and what its upstream has seen before comes
// again byte for byte, so that what is cached of it still counts.
import { afterEach, expect, it } from 'vitest';
import { Routing } from '../../shared/routing.ts';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import { answer, type RawRequest, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';

let house: House;
let upstreams: RawUpstream[];

afterEach(async () => {
  await house.close();
  for (const upstream of upstreams) await upstream.kill();
});

type Wire = 'openai' | 'anthropic';

/** Opens two accounts whose upstreams take turns. */
async function open(wire: Wire) {
  upstreams = [await startRawUpstream(), await startRawUpstream()];
  const provider = wire === 'openai' ? 'openai-compatible' : 'kimi';
  const accounts = upstreams.map(
    ({ url }, index): TestAccount => ({
      id: `a${index}`,
      provider,
      values: { baseUrl: url, ...(wire === 'anthropic' ? { wire } : {}) },
      secrets: { key: `sk-${index}-secret` },
    }),
  );
  const routing = Routing.parse({ pools: { [provider]: { strategy: 'round-robin' } } });
  house = await openHouse({ accounts, settings: { routing } });
  for (const upstream of upstreams) upstream.act = callTool;
}

/** Every answer says something and calls a tool, with arguments whose order and spaces are the model's own. */
function callTool(request: RawRequest): void {
  const { body, response, dialect } = request;
  if (!body.includes('"tools"')) {
    answer(request);
    return;
  }
  const id = `call_${request.index}`;
  const input = { path: `/tmp/ü ${request.index}.txt`, line: 1.5, deep: { b: 1, a: [null, true] } };
  const call = { id, type: 'function', function: { name: 'read', arguments: JSON.stringify(input, undefined, 1) } };
  const message = { role: 'assistant', content: 'Let me look – "there".', tool_calls: [call] };
  const openai = { id: 'c', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
  const content = [
    { type: 'text', text: message.content },
    { type: 'tool_use', id, name: 'read', input },
  ];
  const usage = { input_tokens: 1, output_tokens: 1 };
  const anthropic = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    stop_reason: 'tool_use',
    content,
    usage,
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(dialect === 'openai' ? openai : anthropic));
}

/** A client of one dialect, with all that was said so far. */
interface Client {
  /** One turn; which account answered it. */
  turn(text: string): Promise<string | null>;
}

const SCHEMA = { type: 'object', properties: { path: { type: 'string' } } };

async function post(path: string, body: object): Promise<{ account: string | null; answer: never }> {
  const headers = { authorization: `Bearer ${KEY}` };
  const response = await fetch(house.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return { account: response.headers.get('x-patchbay-account'), answer: (await response.json()) as never };
}

function createChatClient(): Client {
  const messages: object[] = [{ role: 'system', content: 'You are a careful helper.' }];
  const tools = [{ type: 'function', function: { name: 'read', description: 'Reads', parameters: SCHEMA } }];
  return {
    turn: async (text) => {
      messages.push({ role: 'user', content: text });
      const { account, answer: got } = await post('/v1/chat/completions', { model: 'm', messages, tools });
      const [{ message }] = (got as { choices: [{ message: { tool_calls: [{ id: string }] } }] }).choices;
      messages.push(message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: `Found for ${text}` });
      return account;
    },
  };
}

function createMessagesClient(): Client {
  const messages: object[] = [];
  const tools = [{ name: 'read', description: 'Reads', input_schema: SCHEMA }];
  const system = 'You are a careful helper.';
  let result: object[] = [];
  return {
    turn: async (text) => {
      messages.push({ role: 'user', content: [...result, { type: 'text', text }] });
      const asked = { model: 'm', max_tokens: 500, system, messages, tools };
      const { account, answer: got } = await post('/v1/messages', asked);
      const { content } = got as { content: { type: string; id: string }[] };
      messages.push({ role: 'assistant', content });
      const id = content.find(({ type }) => type === 'tool_use')?.id;
      result = [{ type: 'tool_result', tool_use_id: id, content: `Found for ${text}` }];
      return account;
    },
  };
}

/** All bytes up to the end of the last message. */
function readPrefix(body: string): string {
  const start = body.indexOf('"messages":[') + '"messages":'.length;
  expect(start).toBeGreaterThan(20);
  let depth = 0;
  let isText = false;
  for (let at = start; at < body.length; at += 1) {
    const letter = body[at];
    if (isText && letter === '\\') at += 1;
    else if (letter === '"') isText = !isText;
    else if (!isText && (letter === '[' || letter === '{')) depth += 1;
    else if (!isText && (letter === ']' || letter === '}')) depth -= 1;
    if (depth === 0) return body.slice(0, at);
  }
  throw new Error('no end of the messages');
}

it.each([
  ['chat', 'openai', createChatClient],
  ['messages', 'openai', createMessagesClient],
  ['chat', 'anthropic', createChatClient],
  ['messages', 'anthropic', createMessagesClient],
] as const)('ten turns in %s over %s-shaped upstreams', async (_face, wire, createClient) => {
  await open(wire);
  const client = createClient();
  const other = createClient();
  const answered: (string | null)[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    answered.push(await client.turn(`Question ${turn}: "why"?`));
    // Others take their turns in between.
    if (turn % 3 === 1) await other.turn(`Something else ${turn}`);
    else if (turn % 3 === 2)
      await post('/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'x' }] });
  }
  expect(new Set(answered)).toEqual(new Set(['a0']));
  const all = upstreams.flatMap(({ requests }) => requests.map(({ body }) => body));
  const bodies = all.filter((body) => body.includes('Question 0'));
  expect(bodies).toHaveLength(10);
  expect(upstreams[1]?.requests.length).toBeGreaterThan(2);
  for (const [turn, body] of bodies.slice(0, -1).entries()) {
    const before = readPrefix(body);
    expect(bodies[turn + 1]?.slice(0, before.length)).toBe(before);
    expect(bodies[turn + 1]?.length).toBeGreaterThan(body.length);
  }
});

it('a conversation moves when its account rests, and stays where it went', async () => {
  await open('openai');
  const client = createChatClient();
  expect([await client.turn('Begin'), await client.turn('Go on')]).toEqual(['a0', 'a0']);
  (upstreams[0] as RawUpstream).act = ({ response }) => {
    response.writeHead(429, { 'retry-after': '1', 'content-type': 'application/json' });
    response.end('{"error":{"message":"Slow down"}}');
  };
  expect(await client.turn('Still there?')).toBe('a1');
  (upstreams[0] as RawUpstream).act = callTool;
  expect([await client.turn('And now?'), await client.turn('Good')]).toEqual(['a1', 'a1']);
});
