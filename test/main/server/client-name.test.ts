// User agents as programs send them, and what a person calls these.
import { expect, it } from 'vitest';
import { readClientName } from '../../../main/server/client-name.ts';

it.each([
  ['ai/5.0.60 ai-sdk/openai/2.0.42 ai-sdk/provider-utils/3.0.10 runtime/node.js/20', 'AI SDK 5.0.60'],
  ['ai-sdk/openai-compatible/1.0.1 runtime/node.js/22', 'AI SDK 1.0.1'],
  ['google-genai-sdk/1.30.0 gl-node/v20.19.0', 'Google Gen AI SDK 1.30.0'],
  ['ollama-js/0.6.4 (x64 linux Node.js/v20.19.0)', 'Ollama SDK 0.6.4'],
  ['ollama/0.13.4 (amd64 linux) Go/go1.24.1', 'Ollama 0.13.4'],
  ['Python/3.12 aiohttp/3.11.11', 'Python 3.12'],
  ['OpenAI/JS 7.55.0', 'OpenAI SDK 7.55.0'],
  ['litellm/1.80.0', 'litellm/1.80.0'],
  ['', 'unknown'],
])('%s is %s', (userAgent, name) => {
  expect(readClientName(userAgent)).toBe(name);
});
