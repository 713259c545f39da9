// How requests find their accounts: the rules as the settings, the configuration file and the GUI's export have them, and
// what the GUI is told about them, as zod schemas; types follow from them.
import { z } from 'zod';

/** The name of a model, of an account or of a client key; `*` stands for any number of characters where patterns are taken. */
const Name = z
  .string('must be a text that is not empty')
  .trim()
  .min(1, 'must be a text that is not empty')
  .max(300, 'must have at most 300 characters');

/**
 * In which order the accounts of one provider are asked, among those of the same priority: the first that can serve; each in
 * turn; one until it rests, then the next; the one that had the least to do.
 */
export const Strategy = z.enum(['failover', 'round-robin', 'fill-first', 'least-used']);
export type Strategy = z.infer<typeof Strategy>;

/** How the accounts of one provider share the work. */
export const PoolRules = z.strictObject({
  strategy: Strategy.default('failover'),
  /** A conversation stays with the account that has answered it, so that what the upstream has cached of it still counts. */
  sticky: z.boolean().default(true),
});
export type PoolRules = z.infer<typeof PoolRules>;

/** What holds for one account. */
export const AccountRules = z.strictObject({
  /** Accounts with a higher one are asked before all others. */
  priority: z.number().int().min(-100).max(100).default(0),
  /** Most requests at a time; more wait for a free place. 0 sets no limit. */
  concurrency: z.number().int().min(0).max(1000).default(0),
});
export type AccountRules = z.infer<typeof AccountRules>;

/** What holds for requests that come with one client key, before what holds for all. */
export const ClientRules = z.strictObject({
  aliases: z.record(Name, Name).default({}),
  /** Absent: as for all. `null`: no model. */
  unknownModel: Name.nullable().optional(),
});
export type ClientRules = z.infer<typeof ClientRules>;

/** How often and how long a request is tried. */
export const AttemptRules = z.strictObject({
  /** Calls to upstreams in all, for one request. */
  most: z.number().int().min(1).max(100).default(10),
  /** Calls to the same account again, after a failure that may pass and where no other account can serve. */
  retries: z.number().int().min(0).max(5).default(0),
  /** How long a request may look for an account that answers, in milliseconds; once it has begun, the answer takes its time. */
  budgetMs: z.number().int().min(1_000).max(3_600_000).default(600_000),
  /**
   * How long an account may say nothing at all while another could serve at once, in milliseconds; 0 waits without end. Where
   * the client wants the whole answer in one piece, an account has at least half of the time there is.
   */
  patienceMs: z.number().int().min(0).max(3_600_000).default(180_000),
});
export type AttemptRules = z.infer<typeof AttemptRules>;

/** All rules. */
export const Routing = z.strictObject({
  /** By provider id. */
  pools: z.record(z.string(), PoolRules).default({}),
  /** By account id. */
  accounts: z.record(z.string(), AccountRules).default({}),
  /**
   * Another name for a model, by the name that clients ask for. `*` in the name takes in what the `*` in the model puts out. An
   * exact name wins over a pattern, a pattern with more characters of its own over one with fewer.
   */
  aliases: z.record(Name, Name).default({}),
  /** By the name of the client key. */
  clients: z.record(Name, ClientRules).default({}),
  /** Models that no list shows, as patterns; whoever knows the name can ask for them. */
  hidden: z.array(Name).max(500).default([]),
  /** `NAME(high)`, `NAME(8192)` and `NAME:high` ask NAME to think so much, where nobody offers a model of that whole name. */
  thinkingSuffixes: z.boolean().default(true),
  /** Models to ask where a model cannot be served, in this order; the name may be a pattern. */
  fallbacks: z.record(Name, z.array(Name).min(1).max(20)).default({}),
  /** The model that answers for names which nobody knows; `null` refuses them. */
  unknownModel: Name.nullable().default(null),
  attempts: AttemptRules.default(AttemptRules.parse({})),
});
export type Routing = z.infer<typeof Routing>;

/** No rules but the defaults. */
export const DEFAULT_ROUTING: Routing = Routing.parse({});

/** One step on the way from a name to an answer, for the log and the tester. */
export const PathStep = z.object({
  /** `rule`: what led on. `skipped`: who was passed over. `attempt`: who was asked. */
  kind: z.enum(['rule', 'skipped', 'attempt']),
  /** One plain sentence. */
  text: z.string(),
  /** Id of the account. */
  account: z.string().optional(),
  /** The upstream's own name of the model. */
  model: z.string().optional(),
  /** What became of an attempt; absent while it runs, and in the tester. */
  outcome: z.enum(['ok', 'failed', 'aborted']).optional(),
  /** Kind of the failure. */
  errorKind: z.string().optional(),
  /** How long the attempt took until its first content or its failure, in milliseconds. */
  ms: z.number().optional(),
});
export type PathStep = z.infer<typeof PathStep>;

/** A question to the tester. */
export const RouteQuestion = z.object({
  model: z.string().max(300),
  /** Name of the client key that asks; absent for none. */
  key: z.string().optional(),
  needs: z
    .object({ tools: z.boolean(), images: z.boolean(), contextTokens: z.number().int().min(0) })
    .partial()
    .optional(),
  /** Rules in the making, tried before they are kept; absent for those that hold. */
  routing: Routing.optional(),
});
export type RouteQuestion = z.infer<typeof RouteQuestion>;

/** Whether an account could be asked at once. */
export const Standing = z.enum(['ready', 'busy', 'resting', 'failed']);
export type Standing = z.infer<typeof Standing>;

/** What the gateway would do with that request now. */
export const RouteAnswer = z.object({
  steps: z.array(PathStep),
  /** Who would be asked, in this order; each only where those before it fail. */
  candidates: z.array(
    z.object({
      account: z.string(),
      accountName: z.string(),
      provider: z.string(),
      model: z.string(),
      standing: Standing,
      /** Why it stands at this place, in one sentence. */
      text: z.string(),
    }),
  ),
  /** Why nobody would be asked; absent where somebody would. */
  problem: z.string().optional(),
  /** Whether that is because nobody knows the name, so that a rule for it would help. */
  isUnknown: z.boolean().optional(),
});
export type RouteAnswer = z.infer<typeof RouteAnswer>;

/** Why an account is not asked for a while. */
export const RestView = z.object({
  /** The upstream's name of the one model that rests; absent for the whole account. */
  model: z.string().optional(),
  /** In milliseconds since 1970. */
  since: z.number(),
  /** When it ends; absent where only the person, or a test that goes well, ends it. */
  until: z.number().optional(),
  /** `told`: the upstream named the end. `guessed`: nobody did. `failed`: it will not work until something is mended. `hand`: the person's wish. */
  cause: z.enum(['told', 'guessed', 'failed', 'hand']),
  /** What happened, in the upstream's words, and what to do. */
  text: z.string(),
});
export type RestView = z.infer<typeof RestView>;

/** How an account has done, counted over restarts. */
export const AccountCounts = z.object({
  served: z.number(),
  failed: z.number(),
  /** Failures since the last success. */
  failuresInARow: z.number(),
  lastFailureAt: z.number().optional(),
});
export type AccountCounts = z.infer<typeof AccountCounts>;

/** How an account's login is renewed. */
export const RenewalView = z.object({
  /** When it ends by itself, in milliseconds since 1970. */
  endsAt: z.number().optional(),
  /** When it will be renewed. */
  dueAt: z.number().optional(),
  renewedAt: z.number().optional(),
  isRunning: z.boolean(),
  /** Renewals since the start that went well, and that did not. */
  count: z.number(),
  errors: z.number(),
  /** Why the last one failed, in the upstream's words; absent where it did not. */
  problem: z.string().optional(),
});
export type RenewalView = z.infer<typeof RenewalView>;
