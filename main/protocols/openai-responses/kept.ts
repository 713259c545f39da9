// Answers what clients ask about responses that are kept: one of them, its input, its end.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { RouteRequest, WireAnswer } from '../protocol.ts';
import { listInputItems, type ResponseStore, type StoredResponse } from './store.ts';

/** The response itself. */
export function writeKept(request: RouteRequest, store: ResponseStore): WireAnswer {
  const { body } = find(request, store);
  if (new URLSearchParams(request.query).get('stream') === 'true') {
    const message = 'A kept response cannot be streamed again: ask for it without "stream".';
    throw new GatewayError('unsupported', message, { param: 'stream' });
  }
  return { status: 200, body };
}

/** Forgets the response. */
export function deleteKept(request: RouteRequest, store: ResponseStore): WireAnswer {
  const { id } = find(request, store);
  store.delete(id, request.key);
  return { status: 200, body: { id, object: 'response', deleted: true } };
}

/** Nothing runs behind a client's back here, so there is nothing to cancel. */
export function refuseCancel(request: RouteRequest, store: ResponseStore): never {
  const { id } = find(request, store);
  const message = `Only a response in the background can be cancelled, and "${id}" is not one: it is complete.`;
  throw new GatewayError('invalid-request', message, { code: 'not_cancellable' });
}

const MOST_ITEMS = 100;
const USUAL_ITEMS = 20;

/** A page of what the response was an answer to, the latest first unless asked otherwise. */
export function writeInputItems(request: RouteRequest, store: ResponseStore): WireAnswer {
  const query = new URLSearchParams(request.query);
  const items = listInputItems(find(request, store));
  if (query.get('order') !== 'asc') items.reverse();
  const limit = readLimit(query.get('limit'));
  const start = findStart(items, query.get('after'));
  const data = items.slice(start, start + limit);
  return {
    status: 200,
    body: {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: start + data.length < items.length,
    },
  };
}

function findStart(items: readonly JsonObject[], after: string | null): number {
  if (after === null || after === '') return 0;
  // A client may have sent an item twice: the last one, so that paging comes to an end.
  const at = items.findLastIndex(({ id }) => id === after);
  if (at >= 0) return at + 1;
  throw new GatewayError('invalid-request', `after names no item of this response: ${after}.`, { param: 'after' });
}

function readLimit(text: string | null): number {
  if (text === null || text === '') return USUAL_ITEMS;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ITEMS) return limit;
  throw new GatewayError('invalid-request', `limit must be a number from 1 to ${MOST_ITEMS}.`, { param: 'limit' });
}

function find({ name, key }: RouteRequest, store: ResponseStore): StoredResponse {
  const response = store.find(name, key);
  if (response !== undefined) return response;
  const message = `Response with id '${name}' not found.`;
  throw new GatewayError('not-found', message, { param: 'id', code: 'response_not_found' });
}
