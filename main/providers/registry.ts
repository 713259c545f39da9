// The list of providers: one line each.
import { createClaudeCodeProvider } from './claude-code/index.ts';
import { createDemoProvider } from './demo/index.ts';
import { createK2ThinkProvider } from './k2-think/index.ts';
import { createKimiProvider } from './kimi/index.ts';
import { createKiroProvider } from './kiro/index.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible/index.ts';
import { createPoeProvider } from './poe/index.ts';
import type { CreateProvider } from './provider.ts';

/** Every way to a model, in the order in which the GUI offers them. */
export const providers: readonly CreateProvider[] = [
  createClaudeCodeProvider,
  createKiroProvider,
  createK2ThinkProvider,
  createPoeProvider,
  createKimiProvider,
  createOpenAiCompatibleProvider,
  createDemoProvider,
];
