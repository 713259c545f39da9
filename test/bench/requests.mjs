// @ts-check
// What clients send in the bench: a small question, and the 68 kB of an agent in the middle of its work.
import { writeOrder } from './marks.mjs';

/** The stub's only model. */
export const MODEL = 'bench-model';
const TOOLS = 20;
const TURNS = 24;
/** Chosen so that the agent's request comes to about 68 kB. */
const TOOL_RESULT_CHARACTERS = 2_720;

const FILE_LINE = 'export function add(left: number, right: number): number {\n  return left + right; // "sum"\n}\n';

/** One short question. */
export const SMALL = {
  model: MODEL,
  messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'Say hello in ten words.' },
  ],
};

/** The conversation of a coding agent: 20 tools, 24 turns, one tool round trip in every second turn. */
export const AGENT = {
  model: MODEL,
  messages: [
    { role: 'system', content: 'You are a careful coding agent. Follow the rules of the repository.\n'.repeat(40) },
    ...Array.from({ length: TURNS / 2 }, (_, index) => writeRound(index)).flat(),
    { role: 'user', content: 'Now run the tests again and tell me what is left.' },
  ],
  tools: Array.from({ length: TOOLS }, (_, index) => writeTool(index)),
  tool_choice: 'auto',
  temperature: 0.2,
  max_completion_tokens: 8192,
};

/** @param {number} index */
function writeRound(index) {
  const id = `call_${String(index).padStart(24, '0')}`;
  const path = `src/module-${index}/index.ts`;
  return [
    { role: 'user', content: `Please look at ${path} and mend what the test of round ${index} complains about.` },
    {
      role: 'assistant',
      content: 'I will read the file first.',
      tool_calls: [
        { id, type: 'function', function: { name: `tool_${index}`, arguments: JSON.stringify({ path, limit: 200 }) } },
      ],
    },
    { role: 'tool', tool_call_id: id, content: FILE_LINE.repeat(40).slice(0, TOOL_RESULT_CHARACTERS) },
    { role: 'assistant', content: 'The file is in order now; the sum was taken of the wrong operands.' },
  ];
}

/** @param {number} index */
function writeTool(index) {
  const text = 'What this field means, when to set it and what happens where it is left out. '.repeat(2);
  return {
    type: 'function',
    function: {
      name: `tool_${index}`,
      description: 'Reads, writes or searches a part of the workspace and returns the lines found. '.repeat(5),
      parameters: {
        type: 'object',
        properties: {
          path: { type: 'string', description: text },
          limit: { type: 'integer', description: text, minimum: 1 },
          mode: { type: 'string', enum: ['read', 'write', 'search'], description: text },
        },
        required: ['path'],
        additionalProperties: false,
      },
    },
  };
}

/** A streamed question that orders its reply from the stub. @param {{ deltas: number, everyMs: number }} order */
export function writeStreamRequest(order) {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: `Tell me a story. ${writeOrder(order)}` },
  ];
  return { model: MODEL, messages, stream: true, stream_options: { include_usage: true } };
}

/**
 * `body` as the bytes of an HTTP request in the manner of the official client.
 * @param {object} body
 * @param {number} port
 * @param {string} key
 * @param {string} [path]
 * @param {Readonly<Record<string, string>>} [headers]
 */
export function writeHttp(body, port, key, path = '/v1/chat/completions', headers = {}) {
  const text = JSON.stringify(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    'accept: application/json',
    'content-type: application/json',
    'user-agent: OpenAI/JS 6.49.0',
    `authorization: Bearer ${key}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
