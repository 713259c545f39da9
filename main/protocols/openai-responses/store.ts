// What this face keeps of finished responses, so that a client can go on from one by its id: in memory, bounded, each
// client key for itself. Responses that follow one another share what went before instead of copying it.
import type { JsonObject, Message } from '../../canonical/conversation.ts';
import type { AssistantPart, KnownItem } from '../kit/responses-items.ts';

/** An item of a reply, with the part that it was made from. */
export interface OutputItem extends KnownItem {
  readonly part: AssistantPart;
}

/** One finished response. */
export interface StoredResponse {
  readonly id: string;
  /** Name of the client key that asked; nobody else can see it. */
  readonly key: string | undefined;
  /** The response as it went out. */
  readonly body: JsonObject;
  /** The items of its own input. */
  readonly items: readonly JsonObject[];
  /** What its own input said. */
  readonly said: readonly Message[];
  readonly output: readonly OutputItem[];
  /** The response that it went on from. */
  readonly previous: StoredResponse | undefined;
}

/** The responses that can still be asked for. */
export interface ResponseStore {
  put(response: StoredResponse): void;
  find(id: string, key: string | undefined): StoredResponse | undefined;
  /** An item of any response that is kept, or that one that is kept goes on from. */
  findItem(id: string, key: string | undefined): KnownItem | undefined;
  /** Whether there was one to delete. */
  delete(id: string, key: string | undefined): boolean;
}

/** How much is kept; the oldest goes first. */
export interface StoreLimits {
  readonly mostResponses: number;
  /** Of all texts, each counted once however many responses share it. */
  readonly mostBytes: number;
}

const LIMITS: StoreLimits = { mostResponses: 1_000, mostBytes: 64 * 1024 ** 2 };

interface Holding {
  readonly bytes: number;
  /** The store itself and every response that goes on from this one. */
  holders: number;
}

/** An empty store. */
export function createResponseStore({ mostResponses, mostBytes }: StoreLimits = LIMITS): ResponseStore {
  const responses = new Map<string, StoredResponse>();
  const items = new Map<string, KnownItem>();
  const holdings = new Map<StoredResponse, Holding>();
  let bytes = 0;
  const name = (id: string, key: string | undefined) => JSON.stringify([key ?? null, id]);

  /** Counts one more holder; what comes to life again brings along what it goes on from. */
  const hold = (first: StoredResponse) => {
    for (let response: StoredResponse | undefined = first; response !== undefined; response = response.previous) {
      const known = holdings.get(response);
      if (known !== undefined) {
        known.holders += 1;
        return;
      }
      const size = measure(response.body) + measure(response.items);
      holdings.set(response, { bytes: size, holders: 1 });
      bytes += size;
      for (const known of listOwnItems(response)) items.set(name(String(known.item.id), response.key), known);
    }
  };
  const release = (first: StoredResponse) => {
    for (let response: StoredResponse | undefined = first; response !== undefined; response = response.previous) {
      const known = holdings.get(response);
      if (known === undefined) return;
      known.holders -= 1;
      if (known.holders > 0) return;
      holdings.delete(response);
      bytes -= known.bytes;
      for (const own of listOwnItems(response)) {
        const place = name(String(own.item.id), response.key);
        if (items.get(place)?.item === own.item) items.delete(place);
      }
    }
  };
  const remove = (place: string, response: StoredResponse) => {
    responses.delete(place);
    release(response);
  };

  return {
    put: (response) => {
      hold(response);
      responses.set(name(response.id, response.key), response);
      for (const [place, oldest] of responses) {
        if (responses.size <= mostResponses && bytes <= mostBytes) break;
        remove(place, oldest);
      }
    },
    find: (id, key) => responses.get(name(id, key)),
    findItem: (id, key) => items.get(name(id, key)),
    delete: (id, key) => {
      const place = name(id, key);
      const response = responses.get(place);
      if (response !== undefined) remove(place, response);
      return response !== undefined;
    },
  };
}

function listOwnItems({ items, output }: StoredResponse): KnownItem[] {
  return [...items.filter(({ id }) => typeof id === 'string').map((item) => ({ item })), ...output];
}

/** All that was said up to and with this response, oldest first. */
export function listMessages(response: StoredResponse): Message[] {
  return listChain(response).flatMap(({ said, output }): Message[] =>
    output.length === 0 ? [...said] : [...said, { role: 'assistant', parts: output.map(({ part }) => part) }],
  );
}

/** All that this response was an answer to, as items, oldest first. */
export function listInputItems(response: StoredResponse): JsonObject[] {
  const before = response.previous === undefined ? [] : listChain(response.previous);
  return [
    ...before.flatMap((each) => [...nameItems(each), ...each.output.map(({ item }) => item)]),
    ...nameItems(response),
  ];
}

function listChain(last: StoredResponse): StoredResponse[] {
  const chain: StoredResponse[] = [];
  for (let each: StoredResponse | undefined = last; each !== undefined; each = each.previous) chain.push(each);
  return chain.reverse();
}

/** Items in full form: clients page by their ids. */
function nameItems({ id, items }: StoredResponse): JsonObject[] {
  return items.map((item, at) => {
    const isMessage = item.type == null || item.type === 'message';
    const own = { id: `${isMessage ? 'msg' : item.type}_${id.slice('resp_'.length)}_in${at}`, ...item };
    if (!isMessage) return own;
    const { content } = item;
    const type = item.role === 'assistant' ? 'output_text' : 'input_text';
    const parts = typeof content === 'string' ? [{ type, text: content }] : (content ?? []);
    return { status: 'completed', ...own, type: 'message', content: parts };
  });
}

/** What a value holds of texts, which is what makes it large. */
function measure(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 16;
  for (const inner of Object.values(value)) size += measure(inner);
  return size;
}
