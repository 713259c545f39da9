// The list of client protocols: one line each. The first is used for errors on paths that belong to none; a later one is
// asked first whether a path is its own.
import { anthropicMessages } from './anthropic-messages/index.ts';
import { gemini } from './gemini/index.ts';
import { ollama } from './ollama/index.ts';
import { openAiChat } from './openai-chat/index.ts';
import { openAiCompletions } from './openai-completions/index.ts';
import { openAiEmbeddings } from './openai-embeddings/index.ts';
import { openAiImages } from './openai-images/index.ts';
import { createOpenAiResponses } from './openai-responses/index.ts';
import { createProjectsApi } from './projects-api/index.ts';
import type { Protocol } from './protocol.ts';

/** Every dialect that the door speaks, over these books; what a face keeps lives as long as the list. */
export function createProtocols(books: Parameters<typeof createProjectsApi>[0]): readonly [Protocol, ...Protocol[]] {
  return [
    openAiChat,
    createOpenAiResponses(),
    openAiCompletions,
    openAiEmbeddings,
    openAiImages,
    anthropicMessages,
    ollama,
    gemini,
    createProjectsApi(books),
  ];
}

/** The dialects that people are told of; the rest is reached by the base URL of one of them. */
export function listDialects(protocols: readonly Protocol[]): readonly Protocol[] {
  return protocols.filter(({ listed }) => listed !== false);
}
