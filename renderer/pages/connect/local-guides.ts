// Guides for clients of Ollama, most of which know no key: what they need is the second door, or an address of theirs to
// be set to the main one.
import { type ClientGuide, code, json, RESPONSES, type SnippetValues, TAGS, value } from './guide.ts';

const address = ({ local }: SnippetValues) => local.origin;
const needsKey = ({ local }: SnippetValues) => local.needsKey;

/** In the order in which they are shown. */
export const LOCAL_GUIDES: readonly ClientGuide[] = [
  {
    id: 'vs-code-local',
    name: 'VS Code Copilot, as Ollama',
    group: 'local',
    path: TAGS,
    bringsNoKey: true,
    snippets: [value('Address', address)],
  },
  {
    id: 'zed-local',
    name: 'Zed, as Ollama',
    group: 'local',
    path: TAGS,
    snippets: [
      code('settings.json', (values) => json({ language_models: { ollama: { api_url: address(values) } } })),
      value('API key', ({ key }) => key, needsKey),
    ],
  },
  {
    id: 'open-webui',
    name: 'Open WebUI',
    group: 'local',
    path: TAGS,
    snippets: [
      code('Terminal', (values) => [`export OLLAMA_BASE_URL=${address(values)}`, 'open-webui serve'].join('\n')),
      value('Key', ({ key }) => key, needsKey),
    ],
  },
  {
    id: 'codex-local',
    name: 'Codex with --oss',
    group: 'local',
    path: RESPONSES,
    bringsNoKey: true,
    snippets: [
      code('Terminal', (values) =>
        [
          `export CODEX_OSS_BASE_URL=${address(values)}/v1`,
          `codex --oss --local-provider ollama -m ${values.model}`,
        ].join('\n'),
      ),
    ],
  },
  {
    id: 'python-local',
    name: 'Ollama for Python',
    group: 'local',
    path: TAGS,
    snippets: [
      code('hello.py', (values) =>
        [
          'from ollama import Client',
          '',
          needsKey(values)
            ? `client = Client(host="${address(values)}", headers={"Authorization": "Bearer ${values.key}"})`
            : `client = Client(host="${address(values)}")`,
          'stream = client.chat(',
          `    model="${values.model}",`,
          '    messages=[{"role": "user", "content": "Hello"}],',
          '    stream=True,',
          ')',
          'for part in stream:',
          '    print(part.message.content or "", end="", flush=True)',
        ].join('\n'),
      ),
    ],
  },
];
