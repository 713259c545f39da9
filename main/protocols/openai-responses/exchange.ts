// One request to this face: reads it with what it goes on from, answers it, and keeps the finished response.
import type { Reply } from '../../canonical/collect.ts';
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { asObject, asString, refuse } from '../kit/fields.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import { type ResponsesRequest, readResponsesRequest } from '../kit/responses-request.ts';
import type { ConversationExchange, ReplyHead, RouteRequest } from '../protocol.ts';
import { type ItemContext, writeItem } from './items.ts';
import { readEcho, readIncompleteReason, writeResponse } from './response.ts';
import { listMessages, type OutputItem, type ResponseStore, type StoredResponse } from './store.ts';
import { createResponsesStreamWriter } from './stream.ts';

/** Reads a body and says how it is answered. Throws `GatewayError` that names the field. */
export function createExchange(body: unknown, { key }: RouteRequest, store: ResponseStore): ConversationExchange {
  const fields = asObject(body, '');
  const previous = findPrevious(fields, key, store);
  const request = readWith(fields, previous, key, store, false);
  const { names, stream, notes, conversation, said, items } = request;
  const echo = readEcho(fields);
  const keeps = fields.store !== false;
  // Where nothing is kept the client has to bring it back, and some bring back only what has a seal.
  const includeSealed = request.includeSealed || !keeps;
  const createContext = (head: ReplyHead): ItemContext => ({ head, names, includeSealed, keepsParts: keeps });
  const keep = (id: string, response: JsonObject, output: readonly OutputItem[]) => {
    if (keeps) store.put({ id, key, body: response, items, said, output, previous });
  };

  return {
    conversation,
    stream,
    notes,
    openStream: (head) => {
      const id = nameResponse(head);
      const onEnd = (response: JsonObject, output: readonly OutputItem[]) => keep(id, response, output);
      return createResponsesStreamWriter({ ...createContext(head), id, echo, onEnd });
    },
    writeReply: (reply, head) => {
      const id = nameResponse(head);
      const output = writeOutput(reply, createContext(head));
      createReplyLoss(head, []).metadata(reply.metadata);
      const { createdAt } = head;
      const { usage, finishReason, model = head.model } = reply;
      const written = output.map(({ item }) => item);
      const state = { id, createdAt, model, output: written, finishReason, ...(usage === undefined ? {} : { usage }) };
      const response = { ...writeResponse(state), ...echo };
      keep(id, response, output);
      return response;
    },
  };
}

/** The conversation that a body would send. Throws like `createExchange`. */
export function readConversation(body: unknown, { key }: RouteRequest, store: ResponseStore): ConversationRequest {
  const fields = asObject(body, '');
  return readWith(fields, findPrevious(fields, key, store), key, store, true).conversation;
}

function readWith(
  fields: JsonObject,
  previous: StoredResponse | undefined,
  key: string | undefined,
  store: ResponseStore,
  withoutModel: boolean,
): ResponsesRequest {
  return readResponsesRequest(fields, {
    ...(previous === undefined ? undefined : { history: listMessages(previous) }),
    findItem: (id) => store.findItem(id, key),
    withoutModel,
  });
}

function findPrevious(fields: JsonObject, key: string | undefined, store: ResponseStore): StoredResponse | undefined {
  if (fields.previous_response_id == null) return undefined;
  const param = 'previous_response_id';
  const id = asString(fields.previous_response_id, param);
  if (fields.conversation != null) refuse(param, 'cannot be used together with conversation');
  const previous = store.find(id, key);
  if (previous !== undefined) return previous;
  const message = `Previous response with id '${id}' not found.`;
  throw new GatewayError('invalid-request', message, { param, code: 'previous_response_not_found' });
}

/** Not the upstream's own id: not every upstream gives each reply one of its own. */
function nameResponse({ requestId }: ReplyHead): string {
  return `resp_${requestId}`;
}

function writeOutput({ parts, finishReason }: Reply, context: ItemContext): OutputItem[] {
  const isCut = readIncompleteReason(finishReason) !== undefined;
  const output: OutputItem[] = [];
  for (const [at, part] of parts.entries()) {
    const status = isCut && at === parts.length - 1 ? 'incomplete' : 'completed';
    const item = writeItem(part, output.length, status, context);
    if (item !== undefined) output.push({ item, part });
  }
  return output;
}
