// The list of client protocols: one line each. The first is used for errors on paths that belong to none.
import { anthropicMessages } from './anthropic-messages/index.ts';
import { ollama } from './ollama/index.ts';
import { openAiChat } from './openai-chat/index.ts';
import type { Protocol } from './protocol.ts';

/** Every dialect that the door speaks. */
export const protocols: readonly [Protocol, ...Protocol[]] = [openAiChat, anthropicMessages, ollama];
