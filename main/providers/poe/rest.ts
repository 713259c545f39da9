// A conversation over Poe's OpenAI-compatible API. It refuses or ignores fields that others take, so those are left out and
// noted; bots without a field of their own for thinking write it into their text, as over the bot protocol.
import type { ConversationRequest, Json, JsonObject } from '../../canonical/conversation.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { AttemptContext, CallContext } from '../context.ts';
import { createOpenAiChatCalls } from '../kit/openai-chat-provider.ts';
import type { Upstream } from '../kit/openai-upstream.ts';
import type { ProviderServices } from '../provider.ts';
import { ID, type PoeAccount, readPoeAccount } from './account.ts';
import { writeFormat } from './bot-request.ts';
import { liftThinking } from './lift-thinking.ts';
import type { PoeBot, ResolvedBot } from './models.ts';
import { chooseParameters } from './parameters.ts';
import { mayFence } from './thinking.ts';

/** Asks over the API; fails like `converse` of a provider. */
export type AskRest = (
  request: ConversationRequest,
  asked: ResolvedBot & { readonly account: PoeAccount },
  context: AttemptContext,
) => EventStream;

/** Where and how the API is reached. */
export function readRestUpstream({ credential }: CallContext): Upstream {
  const { rest, key } = readPoeAccount(credential);
  return { baseUrl: `${rest}/v1`, headers: { authorization: `Bearer ${key}` } };
}

/** Fields of a chat that Poe documents and the hub has no word for. */
const KNOWN: readonly string[] = ['logprobs', 'top_logprobs'];

/** Asks by the API. */
export function createAskRest(services: ProviderServices): AskRest {
  const { converse } = createOpenAiChatCalls(services, { provider: ID, upstream: readRestUpstream });
  return (request, { account, name, bot }, context) =>
    liftThinking(converse(writeRestRequest({ ...request, model: bot?.info.id ?? name }, bot, context.note), context), {
      thinking: account.thinking,
      mayFence: mayFence(name),
    });
}

/** The request without what Poe ignores or refuses. */
export function writeRestRequest(
  request: ConversationRequest,
  bot: PoeBot | undefined,
  note: (text: string) => void,
): ConversationRequest {
  const { seed, frequencyPenalty, presencePenalty, responseFormat, reasoning, tools, metadata, ...kept } = request;
  const left = Object.entries({ seed, frequency_penalty: frequencyPenalty, presence_penalty: presencePenalty })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (left.length > 0) note(`Left out, as Poe ignores it: ${left.join(', ')}.`);
  if (tools?.some(({ strict }) => strict)) note('The wish for strict arguments was left out: Poe ignores it.');
  const own = (metadata?.openai?.fields ?? {}) as JsonObject;
  const documented: Record<string, Json> = {};
  for (const name of KNOWN) if (own[name] !== undefined) documented[name] = own[name];
  const others = Object.fromEntries(Object.entries(own).filter(([name]) => !KNOWN.includes(name)));
  const asked = { ...request, metadata: { ...metadata, openai: { fields: others } } };
  const parameters = chooseParameters(asked, bot, note);
  if (own.logit_bias !== undefined) note('Left out, as Poe ignores it: logit_bias.');
  const format = writeFormat({ ...request, responseFormat }, note);
  const messages =
    format === undefined
      ? request.messages
      : [{ role: 'system' as const, parts: [{ type: 'text' as const, text: format }] }, ...request.messages];
  const { reasoning_effort: effort, ...options } = parameters;
  const openai = { ...metadata?.openai, fields: { ...documented, ...options } };
  return {
    ...kept,
    messages,
    ...(typeof effort === 'string' ? { reasoning: { effort } } : {}),
    ...(tools === undefined ? {} : { tools: tools.map(({ strict: _, ...tool }) => tool) }),
    metadata: { ...metadata, openai },
  };
}
