// The client program behind a user agent, as a person would name it. For the log only: nothing depends on it.

const KNOWN: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^claude-cli\/([\d.]+)/, 'Claude Code'],
  [/^codex[\w-]*\/([\d.]+)/i, 'Codex'],
  [/^opencode\/([\d.]+)/i, 'opencode'],
  [/^QwenCode\/([\d.]+)/i, 'Qwen Code'],
  [/^GeminiCLI[\w-]*\/([\d.]+)/i, 'Gemini CLI'],
  [/^Cline\/([\d.]+)/i, 'Cline'],
  [/^RooCode\/([\d.]+)/i, 'Roo Code'],
  [/^Zed\/([\d.]+)/i, 'Zed'],
  [/^Cursor\/([\d.]+)/i, 'Cursor'],
  [/^GitHubCopilotChat\/([\d.]+)/i, 'VS Code Copilot'],
  [/^langchainjs-[\w-]+\/([\d.]+)/i, 'LangChain'],
  [/^ai\/([\d.]+)/, 'AI SDK'],
  [/^ai-sdk\/[\w-]+\/([\d.]+)/i, 'AI SDK'],
  [/^(?:Async)?OpenAI\/JS ([\d.]+)/, 'OpenAI SDK'],
  [/^(?:Async)?OpenAI\/Python ([\d.]+)/, 'OpenAI SDK (Python)'],
  [/^(?:Async)?Anthropic\/JS ([\d.]+)/, 'Anthropic SDK'],
  [/^(?:Async)?Anthropic\/Python ([\d.]+)/, 'Anthropic SDK (Python)'],
  [/^google-genai-sdk\/([\d.]+)/i, 'Google Gen AI SDK'],
  [/^ollama-js\/([\d.]+)/, 'Ollama SDK'],
  [/^ollama-python\/([\d.]+)/, 'Ollama SDK (Python)'],
  [/^ollama\/([\d.]+)/, 'Ollama'],
  [/^google-genai-sdk\/([\d.]+)/, 'Google Gen AI SDK'],
  [/^curl\/([\d.]+)/, 'curl'],
  [/^python-(?:requests|httpx)\/([\d.]+)/, 'Python'],
  [/^Python\/([\d.]+) aiohttp\//, 'Python'],
  [/^Mozilla\//, 'Browser'],
  [/^(?:node|undici)$/, 'Node'],
];

/** A short name with its version: `OpenAI SDK 7.55.0`; the first word of an unknown user agent. */
export function readClientName(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'unknown';
  for (const [pattern, name] of KNOWN) {
    const match = pattern.exec(userAgent);
    if (match !== null) return match[1] === undefined ? name : `${name} ${match[1]}`;
  }
  return userAgent.split(/[\s(]/, 1)[0]?.slice(0, 60) || 'unknown';
}
