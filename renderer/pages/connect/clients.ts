// How each client is pointed at the door: steps in words and texts to paste. Every entry names the path that it speaks to,
// so that only clients of a dialect that the door knows are shown.
import type { texts } from '../../lib/texts.ts';

/** Name of a client in the address and in the texts. */
export type GuideId = keyof typeof texts.connect.guides;

/** What stands in a snippet for values that are known only when it is shown or copied. */
export interface SnippetValues {
  /** The door's base URL without a path. */
  readonly origin: string;
  readonly model: string;
  /** The key itself is never here: a placeholder when copied, its last four when shown. */
  readonly key: string;
}

/** A text to paste, or a single value for a field in the client's own settings. */
export interface Snippet {
  readonly kind: 'code' | 'value';
  /** File name, or the label of the field as the client calls it. */
  readonly label: string;
  write(values: SnippetValues): string;
}

/** One client. */
export interface ClientGuide {
  /** Also the key of its steps in the texts. */
  readonly id: GuideId;
  readonly name: string;
  readonly group: 'terminal' | 'editors' | 'agents';
  /** The path that the client asks under. */
  readonly path: string;
  readonly snippets: readonly Snippet[];
}

const CHAT = '/v1/chat/completions';

const code = (label: string, write: Snippet['write']): Snippet => ({ kind: 'code', label, write });
const value = (label: string, write: Snippet['write']): Snippet => ({ kind: 'value', label, write });
const json = (data: unknown) => JSON.stringify(data, undefined, 2);
const base = ({ origin }: SnippetValues) => `${origin}/v1`;

/** Every client that we know to work, in the order in which they are shown. */
export const CLIENT_GUIDES: readonly ClientGuide[] = [
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
  {
    id: 'vs-code',
    name: 'VS Code Copilot',
    group: 'editors',
    path: CHAT,
    snippets: [
      code('chatLanguageModels.json', (values) =>
        json([
          {
            name: 'Patchbay',
            vendor: 'customendpoint',
            apiKey: values.key,
            apiType: 'chat-completions',
            models: [
              {
                id: values.model,
                name: values.model,
                url: `${values.origin}${CHAT}`,
                toolCalling: true,
                vision: false,
                maxInputTokens: 128_000,
                maxOutputTokens: 16_000,
              },
            ],
          },
        ]),
      ),
    ],
  },
  {
    id: 'continue',
    name: 'Continue',
    group: 'editors',
    path: CHAT,
    snippets: [
      code('~/.continue/config.yaml', (values) =>
        [
          'name: Patchbay',
          'version: 1.0.0',
          'schema: v1',
          'models:',
          `  - name: ${values.model}`,
          '    provider: openai',
          `    model: ${values.model}`,
          `    apiBase: ${base(values)}`,
          `    apiKey: ${values.key}`,
          '    roles: [chat, edit, apply]',
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'zed',
    name: 'Zed',
    group: 'editors',
    path: CHAT,
    snippets: [
      code('settings.json', (values) =>
        json({
          language_models: {
            openai_compatible: {
              Patchbay: {
                api_url: base(values),
                available_models: [{ name: values.model, display_name: values.model, max_tokens: 128_000 }],
              },
            },
          },
        }),
      ),
      value('API key', ({ key }) => key),
    ],
  },
  {
    id: 'jetbrains',
    name: 'JetBrains AI Assistant',
    group: 'editors',
    path: CHAT,
    snippets: [value('URL', base), value('API key', ({ key }) => key), value('Model', ({ model }) => model)],
  },
  {
    id: 'cursor',
    name: 'Cursor',
    group: 'editors',
    path: CHAT,
    snippets: [
      value('Base URL, behind the tunnel', base),
      value('OpenAI API key', ({ key }) => key),
      value('Model name', ({ model }) => model),
    ],
  },
  {
    id: 'cline',
    name: 'Cline',
    group: 'agents',
    path: CHAT,
    snippets: [
      value('Base URL', base),
      value('API key', ({ key }) => key),
      value('Model ID', ({ model }) => model),
      code('Terminal', (values) => `cline auth -p openai -b ${base(values)} -k ${values.key} -m ${values.model}`),
    ],
  },
  {
    id: 'opencode',
    name: 'opencode',
    group: 'agents',
    path: CHAT,
    snippets: [
      code('opencode.json', (values) =>
        json({
          $schema: 'https://opencode.ai/config.json',
          provider: {
            patchbay: {
              npm: '@ai-sdk/openai-compatible',
              name: 'Patchbay',
              options: { baseURL: base(values), apiKey: values.key },
              models: { [values.model]: { name: values.model } },
            },
          },
          model: `patchbay/${values.model}`,
        }),
      ),
    ],
  },
  {
    id: 'qwen',
    name: 'Qwen Code',
    group: 'agents',
    path: CHAT,
    snippets: [
      code('Terminal', (values) =>
        [
          `export OPENAI_BASE_URL=${base(values)}`,
          `export OPENAI_API_KEY=${values.key}`,
          `export OPENAI_MODEL=${values.model}`,
          'qwen --auth-type openai',
        ].join('\n'),
      ),
    ],
  },
];

/** The guides for the paths that the door answers; a dialect's path may be the root of many or one of them. */
export function guidesFor(paths: readonly string[]): readonly ClientGuide[] {
  return CLIENT_GUIDES.filter((guide) =>
    paths.some((path) => guide.path.startsWith(path) || path.startsWith(guide.path)),
  );
}
