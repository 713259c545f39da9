// The face that Google's clients see, the Gemini CLI among them.
import type { ConverseRoute, Protocol, Route, RouteRequest } from '../protocol.ts';
import { readBatchRequest, readEmbedRequest } from './embed.ts';
import { writeModel, writeModels } from './models.ts';
import { readCountRequest, readGenerateRequest } from './request.ts';
import { writeError, writeReply } from './response.ts';
import { createFrameWriter } from './stream.ts';

const readConverse =
  (stream: boolean): ConverseRoute['readRequest'] =>
  (body, { name, query }: RouteRequest) => {
    const { conversation, includeThoughts, notes } = readGenerateRequest(body, name);
    const events = new URLSearchParams(query).get('alt') === 'sse';
    return {
      conversation,
      notes,
      stream,
      openStream: (head) => createFrameWriter(head, { events, showThoughts: includeThoughts }),
      writeReply: (reply, head) => writeReply(reply, head, includeThoughts),
    };
  };

/** What can be asked of a model, in one version of the API. */
function createModelRoutes(version: string): Route[] {
  const path = (verb: string) => `/${version}/models/{name}:${verb}`;
  return [
    { action: 'converse', path: path('generateContent'), readRequest: readConverse(false) },
    { action: 'converse', path: path('streamGenerateContent'), readRequest: readConverse(true) },
    {
      action: 'count',
      path: path('countTokens'),
      readConversation: (body, { name }) => readCountRequest(body, name),
      writeCount: (totalTokens) => ({ totalTokens }),
    },
    { action: 'embed', path: path('embedContent'), readRequest: (body, { name }) => readEmbedRequest(body, name) },
    {
      action: 'embed',
      path: path('batchEmbedContents'),
      readRequest: (body, { name }) => readBatchRequest(body, name),
    },
  ];
}

/** Google's Gemini API: contents, streams, token counts, embeddings and models. */
export const gemini: Protocol = {
  id: 'gemini',
  name: 'Gemini',
  basePath: '',
  keyPlaces: { header: 'x-goog-api-key', query: 'key' },
  owns: (path) => path.startsWith('/v1beta/'),
  routes: [
    { action: 'models', path: '/v1beta/models', writeModels },
    { action: 'model', path: '/v1beta/models/{name}', writeModel },
    ...createModelRoutes('v1beta'),
    // The models' list of this version belongs to another dialect.
    ...createModelRoutes('v1'),
  ],
  writeError,
};
