// Reads requests of OpenAI's legacy completions. One text in, one text out: what asks for several, or for tokens in place
// of text, is refused by name.
import type { CompletionRequest } from '../../canonical/completion.ts';
import type { Json } from '../../canonical/conversation.ts';
import { asFlag, asNumber, asObject, asString, asTextOrList, refuse } from '../kit/fields.ts';
import { readIncludeUsage } from '../kit/stream-options.ts';

/** A request and how it wants to be answered. */
export interface OpenAiCompletionRequest {
  readonly completion: CompletionRequest;
  readonly stream: boolean;
  /** The client wants a last chunk with the token counts. */
  readonly includeUsage: boolean;
  /** What is to stand before the answer: the prompt, where the client wants it back, else nothing. */
  readonly echo: string;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** Reads a parsed body. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readCompletionRequest(body: unknown): OpenAiCompletionRequest {
  const {
    model,
    prompt: given,
    suffix,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    seed,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
    stop,
    stream,
    stream_options: streamOptions,
    n,
    best_of: bestOf,
    logprobs,
    echo,
    ...fields
  } = asObject(body, '');
  for (const [name, count] of Object.entries({ n, best_of: bestOf })) {
    if (count !== undefined && count !== null && count !== 1)
      refuse(name, 'can only be 1: Patchbay gives one choice for each request');
  }
  const prompt = readPrompt(given);
  return {
    completion: {
      model: asString(model, 'model'),
      prompt,
      suffix: readSuffix(suffix),
      maxOutputTokens: asNumber(maxTokens, 'max_tokens'),
      temperature: asNumber(temperature, 'temperature'),
      topP: asNumber(topP, 'top_p'),
      seed: asNumber(seed, 'seed'),
      frequencyPenalty: asNumber(frequencyPenalty, 'frequency_penalty'),
      presencePenalty: asNumber(presencePenalty, 'presence_penalty'),
      stop: asTextOrList(stop, 'stop'),
      metadata: { openai: { fields } },
    },
    stream: asFlag(stream, 'stream') === true,
    includeUsage: readIncludeUsage(streamOptions),
    echo: asFlag(echo, 'echo') === true ? prompt : '',
    // Zero asks for those of the chosen tokens.
    notes: typeof logprobs === 'number' ? ['Log probabilities were asked for and are not passed on.'] : [],
  };
}

function readPrompt(value: Json | undefined): string {
  const [first, ...more] = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (typeof first === 'number' || Array.isArray(first))
    return refuse('prompt', 'must be a text: lists of tokens mean something else to each model');
  if (more.length > 0) return refuse('prompt', 'can only be one text: Patchbay gives one choice for each request');
  return typeof first === 'string' ? first : refuse('prompt', 'must be a text');
}

function readSuffix(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return asString(value, 'suffix');
}
