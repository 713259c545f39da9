// The face that Anthropic's Messages clients see, Claude Code among them.
import type { Protocol, RequestHeaders } from '../protocol.ts';
import { readMessagesRequest } from './request.ts';
import { writeError, writeModel, writeModels, writeReply } from './response.ts';
import { createMessagesStreamWriter } from './stream.ts';

/** The path of the model list is shared with other dialects; only this header tells them apart. */
const when = (headers: RequestHeaders) => headers['anthropic-version'] !== undefined;

/** Anthropic's Messages, with token counts and model list. */
export const anthropicMessages: Protocol = {
  id: 'anthropic-messages',
  name: 'Anthropic Messages',
  basePath: '',
  requestIdHeader: 'request-id',
  owns: (path, headers) => path.startsWith('/v1/messages/') || (path.startsWith('/v1/') && when(headers)),
  routes: [
    {
      action: 'converse',
      path: '/v1/messages',
      readRequest: (body, { headers }) => ({
        ...readMessagesRequest(body, headers),
        openStream: createMessagesStreamWriter,
        writeReply,
      }),
    },
    {
      action: 'count',
      path: '/v1/messages/count_tokens',
      readConversation: (body, { headers }) => readMessagesRequest(body, headers).conversation,
      writeCount: (inputTokens) => ({ input_tokens: inputTokens }),
    },
    { action: 'models', path: '/v1/models', when, writeModels },
    { action: 'model', path: '/v1/models/{name}', when, writeModel },
    // Claude Code looks whether somebody is there; older ones ask for `/`, which answers anyway.
    { action: 'fixed', path: '/api/hello', body: '', open: true },
  ],
  writeError,
};
