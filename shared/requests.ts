// Requests as the GUI shows them, and what it may ask of their log, as zod schemas; types follow from them.
import { z } from 'zod';
import { PathStep } from './routing.ts';

/** Tokens of one request as the upstream counted them. */
export const UsageView = z.object({
  inputTokens: z.number().optional(),
  cachedInputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  reasoningTokens: z.number().optional(),
  estimated: z.boolean().optional(),
});
export type UsageView = z.infer<typeof UsageView>;

/** One row of the request log. */
export const RequestView = z.object({
  id: z.string(),
  /** When it came in, in milliseconds since 1970. */
  at: z.number(),
  /** The client program, read from its user agent. */
  client: z.string(),
  /** Name of the client key that opened the door. */
  key: z.string().optional(),
  dialect: z.string(),
  stream: z.boolean(),
  modelAsked: z.string(),
  modelUsed: z.string().optional(),
  account: z.string().optional(),
  provider: z.string().optional(),
  state: z.enum(['running', 'ok', 'failed', 'aborted']),
  /** HTTP status that the client got. */
  status: z.number().optional(),
  attempts: z.number(),
  /** The way from the name to the answer: rules, who was passed over, who was asked; empty where it came to none. */
  path: z.array(PathStep),
  /** From the request to the first content, in milliseconds. */
  firstTokenMs: z.number().optional(),
  durationMs: z.number().optional(),
  usage: UsageView.optional(),
  finishReason: z.string().optional(),
  errorKind: z.string().optional(),
  errorText: z.string().optional(),
  /** What was changed or could not be carried, in plain words. */
  notes: z.array(z.string()),
});
export type RequestView = z.infer<typeof RequestView>;

/** What the Requests page asks for. */
export const RequestQuery = z.object({
  /** Only rows older than this one; for paging. */
  before: z.object({ at: z.number(), id: z.string() }).optional(),
  limit: z.number().int().min(1).max(1000),
  state: z.enum(['running', 'ok', 'failed', 'aborted']).optional(),
  account: z.string().optional(),
  /** Name of the client key that came with it. */
  key: z.string().optional(),
  /** Any part of client, client key, model, account or error text. */
  search: z.string().max(200).optional(),
});
export type RequestQuery = z.infer<typeof RequestQuery>;

/** What happened in the last 24 hours, for the Overview. */
export const TrafficView = z.object({
  requests: z.number(),
  failed: z.number(),
  /** Median time to first content, in milliseconds. */
  firstTokenMs: z.number().optional(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** Requests for each of the last 24 hours, oldest first. */
  hourly: z.array(z.number()).length(24),
});
export type TrafficView = z.infer<typeof TrafficView>;
