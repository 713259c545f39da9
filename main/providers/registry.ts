// The list of providers: one line each.
import { createDemoProvider } from './demo/index.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible/index.ts';
import type { CreateProvider } from './provider.ts';

/** Every way to a model, in the order in which the GUI offers them. */
export const providers: readonly CreateProvider[] = [createOpenAiCompatibleProvider, createDemoProvider];
