// The face that Ollama's clients see.
import { GatewayError } from '../../canonical/errors.ts';
import type { Exchange, OwnRoute, Protocol, RequestHeaders, Route } from '../protocol.ts';
import { readEmbeddingsRequest, readEmbedRequest } from './embed.ts';
import { writeShow, writeTags } from './models.ts';
import { readChatPreload, readGeneratePreload, readPull } from './ready.ts';
import {
  isCompletion,
  type OllamaCompletionRequest,
  type OllamaRequest,
  readChatRequest,
  readCompletionRequest,
  readGenerateRequest,
  readModelName,
} from './request.ts';
import { type WriteContent, writeChatContent, writeError, writeGenerateContent, writeReply } from './response.ts';
import { createLineWriter } from './stream.ts';

/** The server whose dialect this is; the least that every known client accepts (Codex wants 0.13.4). */
const VERSION = '0.13.4';

const isBrowser = ({ accept }: RequestHeaders) => typeof accept === 'string' && accept.includes('text/html');
const now = () => performance.now();

function createExchange(asked: OllamaRequest | OllamaCompletionRequest, writeContent: WriteContent): Exchange {
  const startedAt = now();
  return {
    ...asked,
    openStream: (head) => createLineWriter(head, writeContent, { startedAt, now }),
    writeReply: (reply, head) => writeReply(reply, head, writeContent, { startedAt, endedAt: now() }),
  };
}

/** A call that changes the models of a server, which here belong to the accounts. */
function refuseAll(method: OwnRoute['method'], path: string): OwnRoute {
  return {
    action: 'own',
    method,
    path,
    answer: () => {
      const message =
        'Patchbay keeps no models of its own: it cannot create, copy, push or delete any. Add them to an account.';
      throw new GatewayError('unsupported', message);
    },
  };
}

const routes: readonly Route[] = [
  { action: 'fixed', path: '/', body: 'Ollama is running', open: true, when: (headers) => !isBrowser(headers) },
  { action: 'fixed', path: '/api/version', body: { version: VERSION } },
  // Nothing is loaded into this machine's memory, whatever is asked for.
  { action: 'fixed', path: '/api/ps', body: { models: [] } },
  { action: 'models', path: '/api/tags', writeModels: writeTags },
  { action: 'model-query', path: '/api/show', readModelName, writeModel: writeShow },
  {
    action: 'converse',
    path: '/api/chat',
    readRequest: (body) => readChatPreload(body) ?? createExchange(readChatRequest(body), writeChatContent),
  },
  {
    action: 'converse',
    path: '/api/generate',
    readRequest: (body) => {
      const asked = () => (isCompletion(body) ? readCompletionRequest(body) : readGenerateRequest(body));
      return readGeneratePreload(body) ?? createExchange(asked(), writeGenerateContent);
    },
  },
  { action: 'embed', path: '/api/embed', readRequest: (body) => readEmbedRequest(body, now) },
  { action: 'embed', path: '/api/embeddings', readRequest: readEmbeddingsRequest },
  { action: 'converse', path: '/api/pull', readRequest: readPull },
  refuseAll('POST', '/api/create'),
  refuseAll('POST', '/api/copy'),
  refuseAll('DELETE', '/api/delete'),
  refuseAll('POST', '/api/push'),
  refuseAll('POST', '/api/blobs/{digest}'),
];

/** A name without a tag stands for its newest one. */
const LATEST = ':latest';

/** Ollama's own API: chat, generate, embeddings, and what its clients ask about models. */
export const ollama: Protocol = {
  id: 'ollama',
  name: 'Ollama',
  basePath: '',
  routes,
  otherName: (model) => (model.endsWith(LATEST) ? model.slice(0, -LATEST.length) || undefined : undefined),
  owns: (path) => path.startsWith('/api/'),
  writeError,
};
