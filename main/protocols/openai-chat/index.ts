// The face that OpenAI's chat completions clients see.
import { writeError } from '../kit/openai-errors.ts';
import type { Protocol, Route } from '../protocol.ts';
import { readChatRequest } from './request.ts';
import { writeModel, writeModels, writeReply } from './response.ts';
import { createChatStreamWriter } from './stream.ts';

// Some clients leave the version out of the path although the base URL has none (VS Code's newer ones).
const routes = ['/v1', ''].flatMap((base): Route[] => [
  {
    action: 'converse',
    path: `${base}/chat/completions`,
    readRequest: (body) => {
      const { conversation, stream, includeUsage, notes } = readChatRequest(body);
      return {
        conversation,
        stream,
        notes,
        openStream: (head) => createChatStreamWriter(head, includeUsage),
        writeReply,
      };
    },
  },
  { action: 'models', path: `${base}/models`, writeModels },
  { action: 'model', path: `${base}/models/{name}`, writeModel },
]);

/** OpenAI chat completions, with their model list. */
export const openAiChat: Protocol = {
  id: 'openai-chat',
  name: 'OpenAI chat completions',
  basePath: '/v1',
  routes,
  owns: (path) => path.startsWith('/v1/'),
  writeError,
};
