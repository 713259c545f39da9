// The three ways to K2-Think's models: the site with a sign-in, the site as a guest, the official API. Each says where a request
// goes, what its body holds, and whether it can answer as a stream.
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Account } from '../../credentials/credential.ts';
import { ID, readHost, writeApiHeaders, writeWebHeaders } from './hosts.ts';
import { METHODS } from './sign-in.ts';

/** A message as all three take it. */
export interface WireMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly JsonObject[];
}

/** One way to the models. */
export interface Upstream {
  readonly chatUrl: (account: Account) => string;
  /** Undefined where there is no list to ask for. */
  readonly modelsUrl?: (account: Account) => string;
  /** `secret` is the token or the key; absent for a guest. */
  readonly writeHeaders: (account: Account, secret?: string) => Record<string, string>;
  readonly writeBody: (asked: BodyParts) => JsonObject;
  /** `always`: there is only a stream. `never`: the answer comes in one piece. `maybe`: it is found out. */
  readonly streams: 'always' | 'never' | 'maybe';
  /** Each piece of the stream holds the whole text so far. */
  readonly isCumulative: boolean;
  /** Fields of a request that go along; the others are told to have been left out. */
  readonly carries: readonly (keyof ConversationRequest)[];
}

/** What a body is made of. */
export interface BodyParts {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly request: ConversationRequest;
  readonly stream: boolean;
}

/** The site with a sign-in. No ids of a chat go along: with them the answer would come over another channel. */
const signedIn: Upstream = {
  chatUrl: (account) => `${readHost(account, 'web')}/api/chat/completions`,
  modelsUrl: (account) => `${readHost(account, 'web')}/api/models`,
  writeHeaders: (account, token) => writeWebHeaders(account, '/', token),
  writeBody: ({ model, messages, request, stream }) => ({
    stream,
    model,
    messages: writeJson(messages),
    ...pick({ temperature: request.temperature, max_tokens: request.maxOutputTokens }),
  }),
  streams: 'maybe',
  isCumulative: false,
  carries: ['temperature', 'maxOutputTokens'],
};

/** The site as any visitor sees it. */
const guest: Upstream = {
  chatUrl: (account) => `${readHost(account, 'web')}/api/guest/chat/completions`,
  writeHeaders: (account) => writeWebHeaders(account, '/guest'),
  writeBody: ({ model, messages, request }) => ({
    stream: true,
    model,
    messages: writeJson(foldSystem(messages)),
    params: pick({ temperature: request.temperature, max_tokens: request.maxOutputTokens }),
  }),
  streams: 'always',
  isCumulative: true,
  carries: ['temperature', 'maxOutputTokens'],
};

/** The documented interface: it knows no streams and no forms of a reply. */
const official: Upstream = {
  chatUrl: (account) => `${readHost(account, 'api')}/chat/completions`,
  modelsUrl: (account) => `${readHost(account, 'api')}/models`,
  writeHeaders: (account, key = '') => writeApiHeaders(account, key),
  writeBody: ({ model, messages, request }) => ({
    model,
    messages: writeJson(messages),
    ...pick({
      temperature: request.temperature,
      top_p: request.topP,
      max_completion_tokens: request.maxOutputTokens,
      stop: request.stop && [...request.stop],
    }),
  }),
  streams: 'never',
  isCumulative: false,
  carries: ['temperature', 'topP', 'maxOutputTokens', 'stop'],
};

/** The way of the account. Throws `GatewayError` for a method that is none. */
export function findUpstream({ method, name }: Account): Upstream {
  switch (method) {
    case METHODS.password:
    case METHODS.token:
      return signedIn;
    case METHODS.guest:
      return guest;
    case METHODS.key:
      return official;
    default:
      throw new GatewayError('invalid-request', `"${name}" has no way to sign in.`, { provider: ID });
  }
}

/** Guests' system messages are not heard: their words go before the first thing that the person says. */
function foldSystem(messages: readonly WireMessage[]): WireMessage[] {
  const words = messages.flatMap(({ role, content }) => (role === 'system' ? [readText(content)] : []));
  const rest = messages.filter(({ role }) => role !== 'system');
  if (words.length === 0) return rest;
  const said = words.join('\n\n');
  const at = rest.findIndex(({ role }) => role === 'user');
  const first = rest[at];
  if (first === undefined) return [{ role: 'user', content: said }, ...rest];
  const { content } = first;
  const folded = typeof content === 'string' ? `${said}\n\n${content}` : [{ type: 'text', text: said }, ...content];
  return rest.map((message, index) => (index === at ? { role: 'user', content: folded } : message));
}

function readText(content: WireMessage['content']): string {
  if (typeof content === 'string') return content;
  return content.map(({ text }) => (typeof text === 'string' ? text : '')).join('\n');
}

function writeJson(messages: readonly WireMessage[]): JsonObject[] {
  return messages.map(({ role, content }) => ({ role, content }));
}

/** The fields that are there. */
function pick(fields: { readonly [name: string]: JsonObject[string] | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, JsonObject[string]] => entry[1] !== undefined),
  );
}
