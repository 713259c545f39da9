// Guides for editors.
import { base, CHAT, type ClientGuide, code, json, value } from './guide.ts';

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
    id: 'xcode',
    name: 'Xcode',
    group: 'editors',
    path: CHAT,
    snippets: [
      value('URL', ({ origin }) => origin),
      value('API Key', ({ key }) => key),
      value('API Key Header', () => 'x-api-key'),
      value(
        'Port, if Locally Hosted',
        ({ local }) => String(local.port),
        ({ local }) => !local.needsKey,
      ),
    ],
  },
  {
    id: 'cursor',
    name: 'Cursor',
    group: 'editors',
    path: CHAT,
    snippets: [
      code('Terminal', ({ origin }) => `cloudflared tunnel --url ${origin} --http-host-header ${new URL(origin).host}`),
      value('OpenAI API Key', ({ key }) => key),
      value('Model name', ({ model }) => model),
    ],
  },
];
