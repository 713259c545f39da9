// Guides for terminals and programming libraries.
import { base, CHAT, type ClientGuide, code, GOOGLE, MESSAGES, RESPONSES } from './guide.ts';

/** In the order in which they are shown. */
export const CODE_GUIDES: readonly ClientGuide[] = [
  {
    id: 'curl',
    name: 'curl',
    group: 'terminal',
    path: CHAT,
    snippets: [
      code('Terminal', ({ origin, model, key }) =>
        [
          `curl -N ${origin}/v1/chat/completions \\`,
          `  -H "Authorization: Bearer ${key}" \\`,
          '  -H "Content-Type: application/json" \\',
          `  -d '${JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] })}'`,
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'openai-js',
    name: 'OpenAI for JavaScript',
    group: 'terminal',
    path: CHAT,
    snippets: [
      code('hello.mjs', (values) =>
        [
          "import OpenAI from 'openai';",
          '',
          'const client = new OpenAI({',
          `  baseURL: '${base(values)}',`,
          `  apiKey: '${values.key}',`,
          '});',
          'const stream = await client.chat.completions.create({',
          `  model: '${values.model}',`,
          "  messages: [{ role: 'user', content: 'Hello' }],",
          '  stream: true,',
          '});',
          "for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');",
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'responses-js',
    name: 'OpenAI Responses for JS',
    group: 'terminal',
    path: RESPONSES,
    snippets: [
      code('hello.mjs', (values) =>
        [
          "import OpenAI from 'openai';",
          '',
          'const client = new OpenAI({',
          `  baseURL: '${base(values)}',`,
          `  apiKey: '${values.key}',`,
          '});',
          'const stream = await client.responses.create({',
          `  model: '${values.model}',`,
          "  input: 'Hello',",
          '  stream: true,',
          '});',
          'for await (const event of stream) {',
          "  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);",
          '}',
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'openai-python',
    name: 'OpenAI for Python',
    group: 'terminal',
    path: CHAT,
    snippets: [
      code('hello.py', (values) =>
        [
          'from openai import OpenAI',
          '',
          `client = OpenAI(base_url="${base(values)}", api_key="${values.key}")`,
          'stream = client.chat.completions.create(',
          `    model="${values.model}",`,
          '    messages=[{"role": "user", "content": "Hello"}],',
          '    stream=True,',
          ')',
          'for chunk in stream:',
          '    if chunk.choices:',
          '        print(chunk.choices[0].delta.content or "", end="")',
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'anthropic-js',
    name: 'Anthropic for JavaScript',
    group: 'terminal',
    path: MESSAGES,
    snippets: [
      code('hello.mjs', ({ origin, key, model }) =>
        [
          "import Anthropic from '@anthropic-ai/sdk';",
          '',
          `const client = new Anthropic({ baseURL: '${origin}', apiKey: '${key}' });`,
          'const stream = client.messages.stream({',
          `  model: '${model}',`,
          '  max_tokens: 1024,',
          "  messages: [{ role: 'user', content: 'Hello' }],",
          '});',
          "stream.on('text', (text) => process.stdout.write(text));",
          'await stream.finalMessage();',
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'google-js',
    name: 'Google Gen AI for JavaScript',
    group: 'terminal',
    path: GOOGLE,
    snippets: [
      code('hello.mjs', ({ origin, key, model }) =>
        [
          "import { GoogleGenAI } from '@google/genai';",
          '',
          'const client = new GoogleGenAI({',
          `  apiKey: '${key}',`,
          `  httpOptions: { baseUrl: '${origin}' },`,
          '});',
          'const stream = await client.models.generateContentStream({',
          `  model: '${model}',`,
          "  contents: 'Hello',",
          '});',
          "for await (const chunk of stream) process.stdout.write(chunk.text ?? '');",
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'langchain',
    name: 'LangChain',
    group: 'terminal',
    path: CHAT,
    snippets: [
      code('hello.mjs', (values) =>
        [
          "import { ChatOpenAI } from '@langchain/openai';",
          '',
          'const model = new ChatOpenAI({',
          `  model: '${values.model}',`,
          `  apiKey: '${values.key}',`,
          `  configuration: { baseURL: '${base(values)}' },`,
          '  maxRetries: 0,',
          '});',
          "console.log((await model.invoke('Hello')).text);",
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'vercel-ai',
    name: 'Vercel AI SDK',
    group: 'terminal',
    path: CHAT,
    snippets: [
      code('hello.mjs', (values) =>
        [
          "import { createOpenAICompatible } from '@ai-sdk/openai-compatible';",
          "import { streamText } from 'ai';",
          '',
          'const patchbay = createOpenAICompatible({',
          "  name: 'patchbay',",
          `  baseURL: '${base(values)}',`,
          `  apiKey: '${values.key}',`,
          '  includeUsage: true,',
          '});',
          `const { textStream } = streamText({ model: patchbay('${values.model}'), prompt: 'Hello' });`,
          'for await (const text of textStream) process.stdout.write(text);',
        ].join('\n'),
      ),
    ],
  },
];
