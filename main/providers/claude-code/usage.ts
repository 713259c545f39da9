// Reads the upstream's counts and reasons, as the program passes them on.
import type { QuotaMeter } from '../../../shared/quota.ts';
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import { readPlanWindow } from '../kit/rate-limits.ts';
import type { WireUsage } from './wire.ts';

/** When a limit that was hit is lifted, in milliseconds since 1970. */
export function readReset({ rate_limit_info: info }: JsonObject): number | undefined {
  const { status, resetsAt } = (info ?? {}) as JsonObject;
  return status === 'rejected' && typeof resetsAt === 'number' ? resetsAt * 1000 : undefined;
}

/** What a `rate_limit_event` says of the plan: every window whose use it tells, and the one that refuses as used up. */
export function readPlan({ rate_limit_info: info }: JsonObject): readonly QuotaMeter[] {
  const told = readFields(info);
  const { rateLimitType: type, isUsingOverage, unifiedWindows } = told;
  const windows = new Map(Object.entries(readFields(unifiedWindows)));
  // Older programs tell one window, the one that decides.
  if (typeof type === 'string') windows.set(type, { ...told, ...readFields(windows.get(type)) });
  return [...windows].flatMap(([id, window]) => {
    const { utilization, resetsAt, status } = readFields(window);
    const meter = readPlanWindow({
      id,
      share: readNumber(utilization),
      resetsAtS: readNumber(resetsAt),
      isUsedUp: status === 'rejected',
      goesOn: isUsingOverage === true,
    });
    return meter === undefined ? [] : [meter];
  });
}

const readFields = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
const readNumber = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** Two messages' counts as one. */
export function addUsage(one: WireUsage, other: WireUsage): WireUsage {
  const add = (first?: number | null, second?: number | null) =>
    first == null && second == null ? undefined : (first ?? 0) + (second ?? 0);
  const thinking = add(one.output_tokens_details?.thinking_tokens, other.output_tokens_details?.thinking_tokens);
  return {
    input_tokens: add(one.input_tokens, other.input_tokens),
    output_tokens: add(one.output_tokens, other.output_tokens),
    cache_read_input_tokens: add(one.cache_read_input_tokens, other.cache_read_input_tokens),
    cache_creation_input_tokens: add(one.cache_creation_input_tokens, other.cache_creation_input_tokens),
    output_tokens_details: thinking === undefined ? undefined : { thinking_tokens: thinking },
  };
}

/** Anthropic counts cached input apart; the house counts it as input. */
export function readUsage(usage: WireUsage): Usage {
  const { input_tokens: fresh, cache_read_input_tokens: cached, cache_creation_input_tokens: written } = usage;
  return {
    inputTokens: fresh === undefined ? undefined : fresh + (cached ?? 0) + (written ?? 0),
    cachedInputTokens: cached ?? undefined,
    cacheWriteTokens: written ?? undefined,
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens || undefined,
  };
}

const COUNTS: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens_details',
]);

/** What the upstream counts besides, for clients of its own dialect. */
export function readOtherCounts(usage: WireUsage): Metadata | undefined {
  const others = Object.entries(usage).filter(([name, value]) => !COUNTS.has(name) && value !== null);
  return others.length === 0 ? undefined : { anthropic: { usage: Object.fromEntries(others) as JsonObject } };
}

/** The house's word for the upstream's reason. */
export function readFinishReason(raw: string): FinishReason {
  switch (raw) {
    case 'end_turn':
    case 'stop_sequence':
      return { kind: 'stop', raw };
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { kind: 'length', raw };
    case 'tool_use':
      return { kind: 'tool-calls', raw };
    case 'refusal':
      return { kind: 'content-filter', raw };
    default:
      return { kind: 'other', raw };
  }
}
