// Writes the response object: what became of a request, with the request's own fields beside it, which strict clients
// read.
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import type { GatewayError } from '../../canonical/errors.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import { writeErrorObject } from '../kit/openai-errors.ts';

/** What is known of a response at some point of its life. */
export interface ResponseState {
  readonly id: string;
  readonly createdAt: number;
  readonly model: string;
  readonly output: readonly JsonObject[];
  readonly usage?: Usage;
  /** Absent while the response is not complete. */
  readonly finishReason?: FinishReason;
  readonly error?: GatewayError;
}

/** What the request said, as a response repeats it. */
export function readEcho(body: JsonObject): JsonObject {
  const { text, reasoning } = body;
  return {
    background: false,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: null, summary: null, ...asFields(reasoning) },
    safety_identifier: body.safety_identifier ?? null,
    store: body.store !== false,
    temperature: body.temperature ?? null,
    text: { format: { type: 'text' }, verbosity: 'medium', ...asFields(text) },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? null,
    truncation: body.truncation ?? 'disabled',
    user: body.user ?? null,
  };
}

function asFields(value: Json | undefined): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}

/** The response without the request's fields. */
export function writeResponse({ id, createdAt, model, output, usage, finishReason, error }: ResponseState): JsonObject {
  const reason = finishReason && readIncompleteReason(finishReason);
  const { code, message } = error === undefined ? {} : writeErrorObject(error);
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: writeStatus(finishReason, error),
    error: error === undefined ? null : { code: code ?? 'server_error', message: message ?? '' },
    incomplete_details: reason === undefined ? null : { reason },
    model,
    output,
    // Some clients take a field that is there and null for a broken answer.
    ...(usage === undefined ? undefined : { usage: writeUsage(usage) }),
  };
}

function writeStatus(finishReason: FinishReason | undefined, error: GatewayError | undefined): string {
  if (error !== undefined) return 'failed';
  if (finishReason === undefined) return 'in_progress';
  return readIncompleteReason(finishReason) === undefined ? 'completed' : 'incomplete';
}

/** Why a reply is not whole; undefined where it is. */
export function readIncompleteReason({ kind }: FinishReason): string | undefined {
  if (kind === 'length') return 'max_output_tokens';
  return kind === 'content-filter' ? 'content_filter' : undefined;
}

/** The token counts; one that the upstream did not tell is 0, as the shape has no way to leave it out. */
function writeUsage(usage: Usage): JsonObject {
  const { inputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0, outputTokens = 0, reasoningTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
