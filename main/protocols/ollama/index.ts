// The face that Ollama's clients see.
import type { Exchange, Protocol, RequestHeaders, Route } from '../protocol.ts';
import { writeShow, writeTags } from './models.ts';
import { type OllamaRequest, readChatRequest, readGenerateRequest, readModelName } from './request.ts';
import { type WriteContent, writeChatContent, writeError, writeGenerateContent, writeReply } from './response.ts';
import { createLineWriter } from './stream.ts';

/** The server whose dialect this is; the least that every known client accepts (Codex wants 0.13.4). */
const VERSION = '0.13.4';

const isBrowser = ({ accept }: RequestHeaders) => typeof accept === 'string' && accept.includes('text/html');

function createExchange({ conversation, stream, notes }: OllamaRequest, writeContent: WriteContent): Exchange {
  const startedAt = performance.now();
  const now = () => performance.now();
  return {
    conversation,
    stream,
    notes,
    openStream: (head) => createLineWriter(head, writeContent, { startedAt, now }),
    writeReply: (reply, head) => writeReply(reply, head, writeContent, { startedAt, endedAt: now() }),
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
    readRequest: (body) => createExchange(readChatRequest(body), writeChatContent),
  },
  {
    action: 'converse',
    path: '/api/generate',
    readRequest: (body) => createExchange(readGenerateRequest(body), writeGenerateContent),
  },
];

/** Ollama's own API: chat, generate, and what its clients ask about models. */
export const ollama: Protocol = {
  id: 'ollama',
  name: 'Ollama',
  basePath: '',
  routes,
  owns: (path) => path.startsWith('/api/'),
  writeError,
};
