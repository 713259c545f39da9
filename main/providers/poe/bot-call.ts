// One query to a bot, asked once more where the first failed before anything was said and the bot allows it. What is written
// and read is handed in.
import { type GatewayError, readError } from '../../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream } from '../../canonical/events.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import type { ProviderServices } from '../provider.ts';
import type { PoeAccount } from './account.ts';
import type { BotStreamReader } from './bot-stream.ts';
import { readRefusal } from './errors.ts';

/** Waits `ms`, or throws `GatewayError` when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** What calls are made with. */
export interface BotCallServices extends Pick<ProviderServices, 'http' | 'limits'> {
  readonly wait: Wait;
}

/** One query. */
export interface BotCall {
  readonly account: PoeAccount;
  /** The bot's name as Poe spells it. */
  readonly bot: string;
  readonly body: string;
  /** A reader for one answer. */
  createReader(): BotStreamReader;
}

/** Makes calls; fails like `converse` of a provider. */
export type CallBot = (
  call: BotCall,
  context: { readonly signal: AbortSignal; note(text: string): void },
) => EventStream;

const TRIES = 2;
const PAUSE_MS = 500;

/** The way to bots. */
export function createCallBot(services: BotCallServices): CallBot {
  return async function* callBot(call, context) {
    for (let attempt = 1; ; attempt += 1) {
      const begun = await begin(services, call, context.signal);
      if ('rest' in begun) {
        yield* begun.rest;
        return;
      }
      const { error } = begun;
      if (attempt >= TRIES || !mayAskAgain(error) || context.signal.aborted) throw error;
      context.note(`Asked again: ${error.message}`);
      await services.wait(PAUSE_MS, context.signal);
    }
  };
}

/** Refusals with a status of their own are the client's to answer: a limit is not eased by asking again at once. */
const mayAskAgain = ({ kind, retryable, status }: GatewayError) =>
  retryable && kind === 'upstream' && status === undefined;

async function begin(
  { http, limits }: BotCallServices,
  { account, bot, body, createReader }: BotCall,
  signal: AbortSignal,
): Promise<{ readonly error: GatewayError } | { readonly rest: EventStream }> {
  try {
    const response = await http.open({
      method: 'POST',
      url: `${account.bot}/${encodeURIComponent(bot)}`,
      // Poe's own client asks for JSON although the answer is an event stream.
      headers: {
        authorization: `Bearer ${account.key}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body,
      signal,
      proxy: account.proxy,
      ...limits(),
    });
    const type = String(response.headers['content-type'] ?? '');
    if (response.status !== 200 || !type.startsWith('text/event-stream'))
      return { error: readRefusal(response, await response.text()) };
    return await readFirst(response, createReader());
  } catch (thrown) {
    return { error: readError(thrown) };
  }
}

/** Reads until the answer has said something; a failure before is none of the client's yet. */
async function readFirst(
  { chunks }: UpstreamResponse,
  reader: BotStreamReader,
): Promise<{ readonly error: GatewayError } | { readonly rest: EventStream }> {
  const source = chunks[Symbol.asyncIterator]();
  let first: EventBatch = [];
  for (;;) {
    const { done, value } = await source.next();
    const batch = done ? reader.end() : reader.push(value);
    first = [...first, ...batch];
    const last = first.at(-1);
    if (last?.type === 'error' && !first.some(isContent)) {
      await source.return?.();
      return { error: last.error };
    }
    if (done || reader.ended || first.some(isContent)) return { rest: readRest(first, source, reader, done === true) };
  }
}

const isContent = ({ type }: ConversationEvent) => type !== 'reply-start' && type !== 'usage' && type !== 'error';

async function* readRest(
  first: EventBatch,
  source: AsyncIterator<Buffer>,
  reader: BotStreamReader,
  isOver: boolean,
): EventStream {
  try {
    yield first;
    while (!isOver && !reader.ended) {
      const { done, value } = await source.next();
      const batch = done ? reader.end() : reader.push(value);
      if (batch.length > 0) yield batch;
      if (done) return;
    }
  } catch (thrown) {
    yield [{ type: 'error', error: readError(thrown) }];
  } finally {
    await source.return?.();
  }
}
