// What is kept of responses, for whom, how much, and how clients page through it.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import { createOpenAiResponses } from '../../../../main/protocols/openai-responses/index.ts';
import {
  createResponseStore,
  listInputItems,
  listMessages,
  type StoredResponse,
  type StoreLimits,
} from '../../../../main/protocols/openai-responses/store.ts';

/** A response to a text, answered with a text. */
function respond(name: string, previous?: StoredResponse, filler = ''): StoredResponse {
  const item = { id: `msg_${name}`, type: 'message', role: 'assistant', content: [] };
  return {
    id: `resp_${name}`,
    key: 'me',
    body: { id: `resp_${name}`, filler },
    items: [{ role: 'user', content: `ask ${name}` }],
    said: [{ role: 'user', parts: [{ type: 'text', text: `ask ${name}` }] }],
    output: [{ item, part: { type: 'text', text: `answer ${name}` } }],
    previous,
  };
}
const limits = (changes: Partial<StoreLimits>): StoreLimits => ({ mostResponses: 100, mostBytes: 1e6, ...changes });

describe('the store', () => {
  it('shows a response and its items to the key that asked, and to no other', () => {
    const store = createResponseStore();
    const one = respond('1');
    store.put(one);
    expect(store.find('resp_1', 'me')).toBe(one);
    expect(store.findItem('msg_1', 'me')).toBe(one.output[0]);
    for (const key of ['you', undefined]) {
      expect(store.find('resp_1', key)).toBeUndefined();
      expect(store.findItem('msg_1', key)).toBeUndefined();
      expect(store.delete('resp_1', key)).toBe(false);
    }
    expect(store.delete('resp_1', 'me')).toBe(true);
    expect(store.find('resp_1', 'me')).toBeUndefined();
    expect(store.findItem('msg_1', 'me')).toBeUndefined();
  });

  it('tells a chain from its beginning', () => {
    const last = respond('3', respond('2', respond('1')));
    expect(
      listMessages(last).map(({ role, parts: [part] }) => `${role} ${part?.type === 'text' && part.text}`),
    ).toEqual([
      'user ask 1',
      'assistant answer 1',
      'user ask 2',
      'assistant answer 2',
      'user ask 3',
      'assistant answer 3',
    ]);
    expect(listInputItems(last).map(({ id }) => id)).toEqual(['msg_1_in0', 'msg_1', 'msg_2_in0', 'msg_2', 'msg_3_in0']);
  });

  it('drops the oldest where there are too many', () => {
    const store = createResponseStore(limits({ mostResponses: 2 }));
    for (const name of ['1', '2', '3']) store.put(respond(name));
    expect(['resp_1', 'resp_2', 'resp_3'].filter((id) => store.find(id, 'me'))).toEqual(['resp_2', 'resp_3']);
    expect(store.findItem('msg_1', 'me')).toBeUndefined();
  });

  it('drops the oldest where they hold too much, even the newest where it alone does', () => {
    const store = createResponseStore(limits({ mostBytes: 3_000 }));
    store.put(respond('1', undefined, 'x'.repeat(1_500)));
    store.put(respond('2', undefined, 'x'.repeat(1_500)));
    expect(store.find('resp_1', 'me')).toBeUndefined();
    expect(store.find('resp_2', 'me')).toBeDefined();
    store.put(respond('3', undefined, 'x'.repeat(5_000)));
    expect(store.find('resp_2', 'me')).toBeUndefined();
    expect(store.find('resp_3', 'me')).toBeUndefined();
    store.put(respond('4', undefined, 'x'.repeat(1_500)));
    expect(store.find('resp_4', 'me')).toBeDefined();
  });

  it('counts what a chain shares once, and as long as anything goes on from it', () => {
    const store = createResponseStore(limits({ mostResponses: 1, mostBytes: 10_000 }));
    const one = respond('1', undefined, 'x'.repeat(4_000));
    const two = respond('2', one, 'x'.repeat(4_000));
    store.put(one);
    store.put(two);
    expect(store.find('resp_1', 'me')).toBeUndefined();
    // Nobody can ask for it any more, but the one after it still goes on from it.
    expect(store.findItem('msg_1', 'me')).toBeDefined();
    store.put(respond('3', two, 'x'.repeat(4_000)));
    expect(store.find('resp_3', 'me')).toBeUndefined();
    expect(store.findItem('msg_1', 'me')).toBeUndefined();
    store.put(respond('4', undefined, 'x'.repeat(9_000)));
    expect(store.find('resp_4', 'me')).toBeDefined();
  });

  it('lets a branch live on when the other one goes', () => {
    const store = createResponseStore();
    const one = respond('1');
    for (const response of [one, respond('2', one), respond('3', one)]) store.put(response);
    store.delete('resp_1', 'me');
    store.delete('resp_2', 'me');
    expect(store.findItem('msg_1', 'me')).toBeDefined();
    store.delete('resp_3', 'me');
    expect(store.findItem('msg_1', 'me')).toBeUndefined();
  });

  it('takes a response whose beginning was dropped while it was being answered', () => {
    const store = createResponseStore();
    const one = respond('1');
    store.put(one);
    store.delete('resp_1', 'me');
    store.put(respond('2', one));
    expect(store.findItem('msg_1', 'me')).toBeDefined();
    expect(store.find('resp_1', 'me')).toBeUndefined();
  });
});

describe('what is asked about a kept response', () => {
  const store = createResponseStore();
  store.put(respond('3', respond('2', respond('1'))));
  const { routes } = createOpenAiResponses(store);
  function ask(method: string, path: string, query = '', name = 'resp_3', key: string | undefined = 'me'): JsonObject {
    const route = routes.find((each) => each.action === 'own' && each.method === method && each.path === path);
    if (route?.action !== 'own') throw new Error(`No such route: ${method} ${path}`);
    try {
      return route.answer({ headers: {}, name, query, key }) as unknown as JsonObject;
    } catch (error) {
      const { kind, code, param, message } = error as { [field: string]: string };
      return { kind, code, param, message } as JsonObject;
    }
  }
  const page = (query: string) => {
    const { body } = ask('GET', '/v1/responses/{id}/input_items', query);
    const { data, ...rest } = body as { data: JsonObject[] };
    return { ids: data.map(({ id }) => id), ...rest };
  };

  it('is answered with the response', () => {
    expect(ask('GET', '/v1/responses/{id}')).toEqual({ status: 200, body: { id: 'resp_3', filler: '' } });
    expect(ask('GET', '/v1/responses/{id}', 'stream=true')).toMatchObject({ kind: 'unsupported', param: 'stream' });
    expect(ask('GET', '/v1/responses/{id}', '', 'resp_9')).toEqual({
      kind: 'not-found',
      code: 'response_not_found',
      param: 'id',
      message: "Response with id 'resp_9' not found.",
    });
    expect(ask('GET', '/v1/responses/{id}', '', 'resp_3', 'you')).toMatchObject({ kind: 'not-found' });
  });

  it('is a page of its input, in full form, latest first', () => {
    const { body } = ask('GET', '/v1/responses/{id}/input_items', 'limit=1');
    expect(body).toEqual({
      object: 'list',
      data: [
        {
          id: 'msg_3_in0',
          type: 'message',
          status: 'completed',
          role: 'user',
          content: [{ type: 'input_text', text: 'ask 3' }],
        },
      ],
      first_id: 'msg_3_in0',
      last_id: 'msg_3_in0',
      has_more: true,
    });
    const asc = ['msg_1_in0', 'msg_1', 'msg_2_in0', 'msg_2', 'msg_3_in0'];
    expect(page('order=asc').ids).toEqual(asc);
    expect(page('').ids).toEqual(asc.toReversed());
    expect(page('order=asc&limit=2&after=msg_1')).toMatchObject({ ids: ['msg_2_in0', 'msg_2'], has_more: true });
    expect(page('order=asc&limit=2&after=msg_2')).toMatchObject({ ids: ['msg_3_in0'], has_more: false });
    expect(page('after=msg_1_in0')).toMatchObject({ ids: [], first_id: null, last_id: null, has_more: false });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=x', 'limit'],
    ['limit=101', 'limit'],
    ['after=nobody', 'after'],
  ])('is refused where %s makes no sense', (query, param) => {
    expect(ask('GET', '/v1/responses/{id}/input_items', query)).toMatchObject({ kind: 'invalid-request', param });
  });

  it('cannot be its cancellation', () => {
    expect(ask('POST', '/v1/responses/{id}/cancel')).toMatchObject({
      kind: 'invalid-request',
      code: 'not_cancellable',
    });
    expect(ask('POST', '/v1/responses/{id}/cancel', '', 'resp_9')).toMatchObject({ kind: 'not-found' });
  });

  it('may be that it is to be forgotten', () => {
    const deleted = { status: 200, body: { id: 'resp_3', object: 'response', deleted: true } };
    expect(ask('DELETE', '/v1/responses/{id}')).toEqual(deleted);
    expect(ask('DELETE', '/v1/responses/{id}')).toMatchObject({ kind: 'not-found' });
  });
});
