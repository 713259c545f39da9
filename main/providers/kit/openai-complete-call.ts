// The legacy completions of OpenAI-shaped upstreams: a text that goes on where another ends, with a hole before what
// follows. The answer is read like a chat's.
import type { CompletionRequest } from '../../canonical/completion.ts';
import type { JsonObject } from '../../canonical/conversation.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { createOpenAiChatStreamReader, readOpenAiChatAnswer } from './openai-chat-stream.ts';
import { createOpenAiPost, type OpenAiOptions, readAnswer } from './openai-upstream.ts';

/** The `complete` of a provider whose upstreams may have `/completions`. */
export function createOpenAiComplete(
  services: ProviderServices,
  options: OpenAiOptions,
): NonNullable<Provider['complete']> {
  const post = createOpenAiPost(services, options);
  return async function* complete(request, context) {
    const { live } = context;
    const response = await post(
      {
        path: '/completions',
        live,
        write: (streamUsage) => writeCompletionRequest(request, live, streamUsage),
        ability: 'continue a text',
      },
      context,
    );
    yield* readAnswer(response, live, {
      createStreamReader: () => createOpenAiChatStreamReader(options.provider),
      readWhole: (text) => readOpenAiChatAnswer(text, options.provider),
    });
  };
}

/** The body for `request`; what the same dialect brought along goes back out as it came in. */
export function writeCompletionRequest(request: CompletionRequest, stream: boolean, streamUsage: boolean): string {
  return JSON.stringify({
    ...(request.metadata?.openai?.fields as JsonObject | undefined),
    model: request.model,
    prompt: request.prompt,
    suffix: request.suffix,
    max_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    stop: request.stop,
    stream: stream || undefined,
    stream_options: stream && streamUsage ? { include_usage: true } : undefined,
  });
}
