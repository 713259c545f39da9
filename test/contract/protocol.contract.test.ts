// What every face promises, whoever wrote it: frames that clients can read however the events are batched, the same words
// whole and streamed, no clean end after a failure, signs of life that nobody sees, refusals in its own shape.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorKind, GatewayError } from '../../main/canonical/errors.ts';
import type { ConversationEvent, EventBatch } from '../../main/canonical/events.ts';
import { listMethods } from '../../main/server/routes.ts';
import { listTestProtocols } from '../support/books.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { askShortly, collectReply, createHead, type KnownClient, loadClients, readAsServer } from './asking.ts';
import type { Heard } from './client.ts';
import { anyReply, cutIntoBatches, type GeneratedReply } from './replies.ts';

const clients = await loadClients();
/** The first says at its beginning what is counted by then, the second when each line was written. */
const BATCHES_SHOW: ReadonlySet<string> = new Set(['anthropic-messages', 'ollama']);
const places = fc.array(fc.nat(100), { maxLength: 6 });

/** The frames of a stream, one text for each batch, and the sign of life. */
function stream(known: KnownClient, batches: readonly EventBatch[]): { frames: string[]; keepAlive: () => string } {
  const writer = readAsServer(known, askShortly(known, true)).openStream(createHead());
  return { frames: batches.map((batch) => writer.write(batch)), keepAlive: () => writer.keepAlive };
}

const hear = ({ client }: KnownClient, text: string): Heard => client.read(text, true);

/** Upstream ids and the like are no words of the reply. */
const strip = ({ calls, ...heard }: Heard) => ({
  ...heard,
  calls: calls.map(({ id, name, input }) => ({ name, input, ...(id.startsWith('call_') ? { id } : {}) })),
});

describe.each(clients)('$name', (known) => {
  const { client, protocol } = known;
  const tools = client.cannot?.({ turns: [], tools: [] }) === undefined;
  const replies = anyReply(tools);

  it('says all of a reply, the same whole and streamed', async () => {
    await fc.assert(
      fc.asyncProperty(replies, async ({ events, text, reasoning, calls, usage }: GeneratedReply) => {
        const streamed = hear(known, stream(known, [events]).frames.join(''));
        const exchange = readAsServer(known, askShortly(known, false));
        const whole = client.read(JSON.stringify(exchange.writeReply(await collectReply(events), createHead())), false);
        expect(strip(whole)).toEqual(strip(streamed));
        const { finish, error, complete, ...heard } = streamed;
        expect([error, complete]).toEqual([undefined, true]);
        expect(finish).not.toBe('');
        expect(heard).toMatchObject({ text, reasoning });
        expect(heard.calls.map(({ name, input }) => ({ name, input }))).toEqual(
          calls.map(({ name, input }) => ({ name, input })),
        );
        if (heard.calls.some(({ id }) => id !== ''))
          expect(heard.calls.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
        if (usage !== undefined) expect(heard.usage).toEqual({ input: usage.inputTokens, output: usage.outputTokens });
      }),
      { numRuns: 200 },
    );
  });

  it('says the same however the events are batched', () => {
    fc.assert(
      fc.property(replies, places, ({ events }, cuts) => {
        const whole = hear(known, stream(known, [events]).frames.join(''));
        const one = events.map((event) => [event]);
        for (const batches of [one, cutIntoBatches(events, cuts)]) {
          const text = stream(known, batches).frames.join('');
          expect(hear(known, text)).toEqual(whole);
          if (!BATCHES_SHOW.has(protocol.id)) expect(text).toBe(stream(known, [events]).frames.join(''));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('shows signs of life at any place that no client takes for words', () => {
    fc.assert(
      fc.property(replies, ({ events }) => {
        const { frames, keepAlive } = stream(
          known,
          events.map((event) => [event]),
        );
        const quiet = hear(known, frames.join(''));
        const lively = frames.slice(0, -1).map((text) => keepAlive() + text);
        expect(hear(known, `${lively.join('')}${keepAlive()}${frames.at(-1)}`)).toEqual(quiet);
      }),
      { numRuns: 50 },
    );
  });

  it('never ends cleanly behind a failure, wherever it comes, and says what failed', () => {
    fc.assert(
      fc.property(replies, fc.nat(200), ({ events }, at) => {
        const error = new GatewayError('upstream', 'It broke, sadly.', { cause: new Error('sk-secret-cause') });
        const failure: ConversationEvent = { type: 'error', error };
        const broken = [...events.slice(0, at % events.length), failure];
        for (const batches of [[broken], broken.map((event) => [event])]) {
          const text = stream(known, batches).frames.join('');
          const heard = hear(known, text);
          expect([heard.complete, heard.error]).toEqual([false, 'It broke, sadly.']);
          expect(heard.finish).toBe('');
          expect(text).not.toContain('sk-secret-cause');
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads its own refusals', () => {
    const error = new GatewayError('rate-limited', 'Slow down.', { retryAfterMs: 1_500 });
    const { status, headers, body } = protocol.writeError(error, 'request-1');
    expect([status, headers?.['retry-after']]).toEqual([429, '2']);
    expect(client.read(JSON.stringify(body), false)).toMatchObject({ error: 'Slow down.', complete: false });
  });
});

const STATUS: Readonly<Record<ErrorKind, readonly number[]>> = {
  'invalid-request': [400],
  unauthorized: [401],
  forbidden: [403],
  'not-found': [404],
  conflict: [409],
  'too-large': [413],
  'rate-limited': [429],
  'quota-exhausted': [429],
  overloaded: [503, 529],
  timeout: [504],
  aborted: [499],
  unsupported: [501],
  upstream: [502],
  internal: [500],
};

describe.each(listTestProtocols())('$id refuses', (protocol) => {
  it('with the status of each kind, or the true one of the upstream, and without its causes', () => {
    for (const [kind, statuses] of Object.entries(STATUS) as [ErrorKind, readonly number[]][]) {
      const details = { cause: new Error('sk-secret-cause'), provider: 'p' };
      const answer = protocol.writeError(new GatewayError(kind, 'Words.', details), 'request-1');
      expect(statuses, kind).toContain(answer.status);
      expect(JSON.stringify(answer)).toContain('Words.');
      expect(JSON.stringify(answer)).not.toContain('sk-secret-cause');
      expect(protocol.writeError(new GatewayError(kind, 'Words.', { ...details, status: 418 }), 'r').status).toBe(418);
    }
  });
});

/** What answers without a name. */
const LISTS = ['/v1/projects', '/v1/sessions', '/v1/sessions/stats'];

describe('a name that nobody knows', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({});
  });
  afterAll(() => house.close());

  /** The names of the fields, at every depth. */
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
      : '';
  const named = listTestProtocols().flatMap((protocol) =>
    protocol.routes
      // A count is our own guess and asks nobody.
      .filter(
        ({ path, action }) => action !== 'count' && (path.includes('{') || (action === 'own' && !LISTS.includes(path))),
      )
      .flatMap((route) =>
        listMethods(route).map((method) => ({
          id: protocol.id,
          path: route.path,
          method,
          protocol,
          action: route.action,
        })),
      ),
  );

  it.each(named)('is refused by $id at $method $path in its own shape', async ({ protocol, path, method, action }) => {
    const known = clients.find((each) => each.protocol.id === protocol.id);
    const response = await fetch(house.url + path.replace(/\{\w+\}/, 'no-such-name'), {
      method,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...known?.face.headers },
      ...(method === 'POST' && known !== undefined ? { body: JSON.stringify(askShortly(known, false).body) } : {}),
    });
    // What a face cannot do at all it refuses whoever is named, and a body that is not meant for a route is told first.
    if (action === 'converse' || action === 'model') expect(response.status).toBe(404);
    else expect([400, 404, 501]).toContain(response.status);
    if (method === 'HEAD') return expect(await response.text()).toBe('');
    const expected = protocol.writeError(new GatewayError('not-found', 'Not here.'), 'r').body;
    expect(shape(await response.json())).toMatchObject(shape(expected) as object);
  });
});
