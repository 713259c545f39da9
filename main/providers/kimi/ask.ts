// Asks an account's upstream in one of three ways: chat completions, plain completions with a prompt of ours, or Anthropic's
// messages. What an engine has refused once is not asked of it again.
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { AttemptContext, CallContext } from '../context.ts';
import { writeAnthropicRequest } from '../kit/anthropic-request.ts';
import { createAnthropicReaders } from '../kit/anthropic-stream.ts';
import { writeOpenAiChatRequest } from '../kit/openai-chat-request.ts';
import { createOpenAiChatStreamReader, readOpenAiChatAnswer } from '../kit/openai-chat-stream.ts';
import { createOpenAiPost, readAnswer, type Upstream } from '../kit/openai-upstream.ts';
import type { ProviderServices } from '../provider.ts';
import { readKimiRefusal } from './errors.ts';
import { ID, type KimiAccount } from './options.ts';
import { TURN_ENDS, writeRawPrompt } from './raw-prompt.ts';
import type { Prepared } from './request.ts';
import { readAnthropicUpstream, readUpstream } from './upstream.ts';

/** One reply to a prepared request. */
export type AskKimi = (
  prepared: Prepared,
  account: KimiAccount,
  context: AttemptContext,
) => (request: ConversationRequest) => EventStream;

/** The dialect wants a limit; it is what the K2 models take by themselves. */
const MOST_TOKENS = 32_768;
const LEAST_THINKING = 1024;

/** What engines without a tool parser may refuse, by the words of their refusal. */
const REFUSALS = {
  'special tokens': /skip_special_tokens/,
  'tool choice': /tool.call.parser|enable.auto.tool.choice|tool_choice/,
} as const;
type Refusal = keyof typeof REFUSALS;

/** The way to one reply. */
export function createAskKimi(services: ProviderServices): AskKimi {
  const wire = (upstream: (context: CallContext) => Upstream) =>
    createOpenAiPost(services, { provider: ID, upstream, readRefusal: readKimiRefusal });
  const post = wire(readUpstream);
  const postAnthropic = wire(readAnthropicUpstream);
  /** By base URL, for the life of the process. */
  const refused = new Map<string, Set<Refusal>>();
  const readers = {
    createStreamReader: () => createOpenAiChatStreamReader(ID),
    readWhole: (text: string) => readOpenAiChatAnswer(text, ID),
  };

  async function* askChat(request: ConversationRequest, account: KimiAccount, context: AttemptContext): EventStream {
    const { live, note } = context;
    const known = refused.get(account.baseUrl) ?? new Set();
    refused.set(account.baseUrl, known);
    const dialect = { maxTokensField: account.region ? 'max_completion_tokens' : 'max_tokens' } as const;
    for (;;) {
      const body = account.rawTools ? addRawFields(request, known) : request;
      const write = (streamUsage: boolean) => writeOpenAiChatRequest(body, live, { ...dialect, streamUsage }, note);
      try {
        const response = await post({ path: '/chat/completions', live, write }, context);
        yield* readAnswer(response, live, readers);
        return;
      } catch (thrown) {
        const refusal = account.rawTools ? findRefusal(thrown, known) : undefined;
        if (refusal === undefined) throw thrown;
        known.add(refusal);
        note(`This engine did not take the request with the usual ${refusal}; asked again without it.`);
      }
    }
  }
  async function* askCompletion(
    request: ConversationRequest,
    { partial }: Prepared,
    context: AttemptContext,
  ): EventStream {
    const { live, note } = context;
    const prompt = writeRawPrompt(request, partial, note);
    const write = (streamUsage: boolean) =>
      JSON.stringify({
        model: request.model,
        prompt,
        max_tokens: request.maxOutputTokens ?? MOST_TOKENS,
        temperature: request.temperature,
        top_p: request.topP,
        seed: request.seed,
        frequency_penalty: request.frequencyPenalty,
        presence_penalty: request.presencePenalty,
        stop: [...(request.stop ?? []), ...TURN_ENDS],
        skip_special_tokens: false,
        stream: live || undefined,
        stream_options: live && streamUsage ? { include_usage: true } : undefined,
      });
    yield* readAnswer(await post({ path: '/completions', live, write }, context), live, readers);
  }
  async function* askMessages(
    request: ConversationRequest,
    { thinking }: Prepared,
    context: AttemptContext,
  ): EventStream {
    const { live, note } = context;
    const budget = Math.max(LEAST_THINKING, request.reasoning?.budgetTokens ?? MOST_TOKENS / 2);
    const field: JsonObject | undefined =
      thinking.state === 'on'
        ? { type: 'enabled', budget_tokens: budget }
        : thinking.state === 'off' && request.reasoning !== undefined
          ? { type: 'disabled' }
          : undefined;
    const write = () => writeAnthropicRequest(request, live, { maxTokens: MOST_TOKENS, thinking: field }, note);
    const response = await postAnthropic({ path: '/messages', live, write }, context);
    yield* readAnswer(response, live, createAnthropicReaders(ID));
  }

  return (prepared, account, context) => (request) => {
    if (account.writesPrompt) return askCompletion(request, prepared, context);
    return account.wire === 'anthropic' ? askMessages(request, prepared, context) : askChat(request, account, context);
  };
}

/** The tokens must not be left out of the text; and a choice of tools is refused where nobody parses them. */
function addRawFields(request: ConversationRequest, known: ReadonlySet<Refusal>): ConversationRequest {
  const own = request.metadata?.openai;
  const fields = {
    ...(own?.fields as JsonObject | undefined),
    ...(known.has('special tokens') ? undefined : { skip_special_tokens: false }),
  };
  return {
    ...request,
    // The template shows the tools to the model all the same.
    toolChoice: known.has('tool choice') && request.tools?.length ? { type: 'none' } : request.toolChoice,
    metadata: { ...request.metadata, openai: { ...own, fields } },
  };
}

function findRefusal(thrown: unknown, known: ReadonlySet<Refusal>): Refusal | undefined {
  if (!(thrown instanceof GatewayError) || (thrown.status !== 400 && thrown.status !== 422)) return undefined;
  return (Object.keys(REFUSALS) as Refusal[]).find((name) => !known.has(name) && REFUSALS[name].test(thrown.message));
}
