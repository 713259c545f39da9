// What an account may use up, and what is left of it, as zod schemas; types follow from them.
import { z } from 'zod';

/** A share of a meter that is counted apart: the plan itself, a free trial, a bonus. */
export const QuotaPart = z.object({
  label: z.string(),
  used: z.number(),
  limit: z.number(),
  /** When it ends, in milliseconds since 1970. */
  endsAt: z.number().optional(),
});
export type QuotaPart = z.infer<typeof QuotaPart>;

/** What use of late comes to: how much in an hour, and when nothing is left, where that is before it begins anew. */
export const QuotaForecast = z.object({
  /** In the `unit` of what is used. */
  perHour: z.number(),
  /** In milliseconds since 1970. */
  emptyAt: z.number().optional(),
});
export type QuotaForecast = z.infer<typeof QuotaForecast>;

/** One thing that an account may use up. */
export const QuotaMeter = z.object({
  /** What is counted: "Credits", "Messages this week". Told apart by it from others of the same kind. */
  label: z.string(),
  /** How fast an account may be asked (requests a minute), which fills up by itself; absent for what its plan has left. */
  kind: z.literal('rate').optional(),
  /** All parts together, in `unit`s. */
  used: z.number(),
  limit: z.number(),
  /** `%` where the upstream tells nothing but the share. */
  unit: z.string().optional(),
  /** When it begins anew, in milliseconds since 1970. */
  resetsAt: z.number().optional(),
  /** Absent where there is but one. */
  parts: z.array(QuotaPart).optional(),
  forecast: QuotaForecast.optional(),
  /** When it was told, in milliseconds since 1970, where that was later than the whole was read: with an answer. */
  toldAt: z.number().optional(),
  /** Requests are answered beyond the limit, too, and charged. */
  goesOn: z.boolean().optional(),
});
export type QuotaMeter = z.infer<typeof QuotaMeter>;

/** What an account has left to spend, where there is no limit that it could be measured by. */
export const QuotaBalance = z.object({
  /** What it is: "Points", "Add-on points". */
  label: z.string(),
  /** In `unit`s. */
  left: z.number(),
  unit: z.string().optional(),
  forecast: QuotaForecast.optional(),
});
export type QuotaBalance = z.infer<typeof QuotaBalance>;

/** What an upstream says is used and left; without meters and balances it does not tell. */
export const Quota = z.object({
  meters: z.array(QuotaMeter),
  balances: z.array(QuotaBalance).optional(),
  /** The upstream's name of the plan. */
  plan: z.string().optional(),
  /** Whose plan it is, as the upstream names the person. */
  user: z.string().optional(),
});
export type Quota = z.infer<typeof Quota>;

/** The quota of an account as it was last read. */
export const QuotaView = Quota.extend({
  /** When it was read, in milliseconds since 1970. */
  readAt: z.number(),
  /** Why it could not be read anew since then. */
  problem: z.string().optional(),
});
export type QuotaView = z.infer<typeof QuotaView>;
