// Answers what asks for no words: a model to be loaded, unloaded or pulled. Nothing is loaded here, so a model that somebody
// serves is always ready; one that nobody serves is an error, which is not this room's to find out.
import type { Json } from '../../canonical/conversation.ts';
import { asListOrNone, asObject, asString } from '../kit/fields.ts';
import type { ReadyExchange } from '../protocol.ts';
import { asText } from './fields.ts';
import { readModelName } from './request.ts';
import { NDJSON, type WriteContent, writeChatContent, writeGenerateContent } from './response.ts';

/** The answer to a chat without messages; undefined for a chat that has some. */
export function readChatPreload(body: unknown): ReadyExchange | undefined {
  const { messages } = asObject(body, '');
  return asListOrNone(messages, 'messages').length > 0 ? undefined : createPreload(body, writeChatContent);
}

/** The answer to a generate call that holds nothing to go by; undefined for any other. */
export function readGeneratePreload(body: unknown): ReadyExchange | undefined {
  const { prompt, suffix, images } = asObject(body, '');
  const empty = asText(prompt, 'prompt') === '' && asText(suffix, 'suffix') === '';
  return empty && asListOrNone(images, 'images').length === 0 ? createPreload(body, writeGenerateContent) : undefined;
}

/** The answer to a pull: what is served need not be fetched. */
export function readPull(body: unknown): ReadyExchange {
  return createReady(readModelName(body), { status: 'success' }, asObject(body, '').stream);
}

function createPreload(body: unknown, writeContent: WriteContent): ReadyExchange {
  const { model, stream, keep_alive: keepAlive } = asObject(body, '');
  const name = asString(model, 'model');
  const ready = {
    model: name,
    created_at: new Date().toISOString(),
    ...writeContent({ text: '' }),
    done: true,
    done_reason: isZero(keepAlive) ? 'unload' : 'load',
  };
  return createReady(name, ready, stream);
}

/** A number of seconds, or a number with a unit. */
function isZero(keepAlive: Json | undefined): boolean {
  return keepAlive === 0 || (typeof keepAlive === 'string' && /^0+[a-zµ]*$/.test(keepAlive));
}

function createReady(model: string, ready: object, stream: Json | undefined): ReadyExchange {
  return stream === false ? { model, ready } : { model, ready: `${JSON.stringify(ready)}\n`, contentType: NDJSON };
}
