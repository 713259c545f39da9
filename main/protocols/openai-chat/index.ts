// The face that OpenAI's chat completions clients see.
import type { JsonObject } from '../../canonical/conversation.ts';
import { asObject, refuse } from '../kit/fields.ts';
import { writeError } from '../kit/openai-errors.ts';
import { readResponsesRequest } from '../kit/responses-request.ts';
import type { Exchange, Protocol, Route } from '../protocol.ts';
import { type ChatRequest, readChatRequest } from './request.ts';
import { writeModel, writeModels, writeReply } from './response.ts';
import { createChatStreamWriter } from './stream.ts';

function createExchange(body: unknown): Exchange {
  const fields = asObject(body, '');
  const request = isResponsesBody(fields) ? readResponsesBody(fields) : readChatRequest(fields);
  const { conversation, wish, stream, includeUsage, notes, customTools } = request;
  return {
    conversation,
    wish,
    stream,
    notes,
    openStream: (head) => createChatStreamWriter(head, includeUsage, customTools),
    writeReply: (reply, head) => writeReply(reply, head, customTools),
  };
}

/** Cursor sends the body of a Responses request to this path for some models, and reads the answer of this dialect. */
function isResponsesBody({ input, messages }: JsonObject): boolean {
  return input != null && (messages == null || (Array.isArray(messages) && messages.length === 0));
}

function readResponsesBody(body: JsonObject): ChatRequest {
  if (body.previous_response_id != null)
    refuse('previous_response_id', 'cannot be used on this path, which keeps nothing: send all items');
  const { messages: _, ...fields } = body;
  const { conversation, stream, includeUsage, names, notes } = readResponsesRequest(fields);
  const custom = (conversation.tools ?? []).filter(({ name }) => names.find(name).form === 'custom');
  const customTools = new Map(custom.map(({ name }) => [name, 'function'] as const));
  return { conversation, stream, includeUsage, notes, customTools };
}

// Some clients leave the version out of the path although the base URL has none (VS Code's newer ones).
const routes = ['/v1', ''].flatMap((base): Route[] => [
  { action: 'converse', path: `${base}/chat/completions`, readRequest: createExchange },
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
