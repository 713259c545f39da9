// The face that clients of OpenAI's Responses see: Codex, the AI SDK, OpenAI's own packages.
import { writeError } from '../kit/openai-errors.ts';
import type { Protocol, Route, RouteRequest } from '../protocol.ts';
import { createExchange, readConversation } from './exchange.ts';
import { deleteKept, refuseCancel, writeInputItems, writeKept } from './kept.ts';
import { createResponseStore, type ResponseStore } from './store.ts';

/** OpenAI's Responses; what its clients may go on from is kept in memory as long as this lives. */
export function createOpenAiResponses(store: ResponseStore = createResponseStore()): Protocol {
  // Some clients leave the version out of the path although the base URL has none.
  const routes = ['/v1', ''].flatMap((base): Route[] => {
    const path = `${base}/responses`;
    const own = { action: 'own', path: `${path}/{id}` } as const;
    return [
      { action: 'converse', path, readRequest: (body, request) => createExchange(body, request, store) },
      {
        action: 'count',
        path: `${path}/input_tokens`,
        readConversation: (body, request) => readConversation(body, request, store),
        writeCount: (inputTokens) => ({ object: 'response.input_tokens', input_tokens: inputTokens }),
      },
      { ...own, method: 'GET', answer: (request: RouteRequest) => writeKept(request, store) },
      { ...own, method: 'DELETE', answer: (request: RouteRequest) => deleteKept(request, store) },
      {
        ...own,
        path: `${path}/{id}/input_items`,
        method: 'GET',
        answer: (request: RouteRequest) => writeInputItems(request, store),
      },
      {
        ...own,
        path: `${path}/{id}/cancel`,
        method: 'POST',
        answer: (request: RouteRequest) => refuseCancel(request, store),
      },
    ];
  });
  return {
    id: 'openai-responses',
    name: 'OpenAI Responses',
    basePath: '/v1',
    routes,
    owns: (path) => path.startsWith('/v1/responses/') || path.startsWith('/responses/'),
    writeError,
  };
}
