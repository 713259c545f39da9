// Guides for agents of the command line.
import { base, CHAT, type ClientGuide, code, GOOGLE, json, MESSAGES, RESPONSES, value } from './guide.ts';

/** In the order in which they are shown. */
export const AGENT_GUIDES: readonly ClientGuide[] = [
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
    id: 'codex',
    name: 'Codex',
    group: 'agents',
    path: RESPONSES,
    snippets: [
      code('~/.codex/config.toml', (values) =>
        [
          '[model_providers.patchbay]',
          'name = "Patchbay"',
          `base_url = "${base(values)}"`,
          'env_key = "PATCHBAY_KEY"',
          'wire_api = "responses"',
        ].join('\n'),
      ),
      code('Terminal', ({ key, model }) =>
        [`export PATCHBAY_KEY=${key}`, `codex -c model_provider=patchbay -m ${model}`].join('\n'),
      ),
    ],
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    group: 'agents',
    path: GOOGLE,
    snippets: [
      code('~/.gemini/settings.json', () => json({ security: { auth: { selectedType: 'gemini-api-key' } } })),
      code('Terminal', ({ origin, key, model }) =>
        [`export GOOGLE_GEMINI_BASE_URL=${origin}`, `export GEMINI_API_KEY=${key}`, `gemini -m ${model}`].join('\n'),
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
];
