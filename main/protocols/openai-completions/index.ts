// The face that clients of OpenAI's legacy completions see: editors that fill gaps, scripts that finish sentences.
import { writeError } from '../kit/openai-errors.ts';
import type { Protocol, Route } from '../protocol.ts';
import { readCompletionRequest } from './request.ts';
import { createCompletionStreamWriter, writeReply } from './response.ts';

const routes = ['/v1', ''].map(
  (base): Route => ({
    action: 'converse',
    path: `${base}/completions`,
    readRequest: (body) => {
      const { completion, stream, includeUsage, echo, notes } = readCompletionRequest(body);
      return {
        completion,
        stream,
        notes,
        openStream: (head) => createCompletionStreamWriter(head, { includeUsage, echo }),
        writeReply: (reply, head) => writeReply(reply, head, echo),
      };
    },
  }),
);

/** OpenAI's legacy completions. */
export const openAiCompletions: Protocol = {
  id: 'openai-completions',
  name: 'OpenAI completions (legacy)',
  basePath: '/v1',
  routes,
  listed: false,
  writeError,
};
