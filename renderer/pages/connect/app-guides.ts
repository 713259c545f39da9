// Guides for editors and agents.
import { base, CHAT, type ClientGuide, code, json, MESSAGES, value } from './guide.ts';

/** In the order in which they are shown. */
export const APP_GUIDES: readonly ClientGuide[] = [
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
                vision: values.images,
                maxInputTokens: values.contextTokens,
                maxOutputTokens: values.outputTokens,
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
                available_models: [
                  { name: values.model, display_name: values.model, max_tokens: values.contextTokens },
                ],
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
    id: 'claude-cli',
    name: 'Claude Code',
    group: 'agents',
    path: MESSAGES,
    snippets: [
      code('Terminal', ({ origin, key, model }) =>
        [
          `export ANTHROPIC_BASE_URL=${origin}`,
          `export ANTHROPIC_AUTH_TOKEN=${key}`,
          `export ANTHROPIC_MODEL=${model}`,
          `export ANTHROPIC_DEFAULT_HAIKU_MODEL=${model}`,
          'claude',
        ].join('\n'),
      ),
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
