// The data that the GUI shows, as zod schemas; types follow from them. No secret ever has a place in here.
import { z } from 'zod';
import { AgentAbilities } from './projects.ts';
import { QuotaView } from './quota.ts';
import { AccountCounts, RenewalView, RestView } from './routing.ts';

/** One input of a form that the GUI draws: sign-in fields and the like. */
export const Field = z.object({
  /** Name in the account's values and in the configuration file. */
  name: z.string(),
  label: z.string(),
  /**
   * `secret` fields go to the vault and never come back; `path` names a file or folder on this machine; the password within a
   * `proxy` goes to the vault under the field's name.
   */
  kind: z.enum(['text', 'url', 'secret', 'path', 'choice', 'proxy']),
  required: z.boolean(),
  placeholder: z.string().optional(),
  /** One sentence under the field. */
  help: z.string().optional(),
  /** The choices of a `choice` field; the first is the default. */
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  /** Most people never touch it: shown only on demand. */
  advanced: z.boolean().optional(),
});
export type Field = z.infer<typeof Field>;

/** One way to set up an account. */
export const SignInMethod = z.object({
  id: z.string(),
  label: z.string(),
  /** What it takes and what it does, in one or two sentences. */
  help: z.string().optional(),
  fields: z.array(Field),
  /** The person can be signed in by a dialogue, besides or instead of what the fields take. */
  dialogue: z.boolean().optional(),
  /** Ready-made values for known services: choosing one fills the fields. */
  presets: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        values: z.record(z.string(), z.string()),
        help: z.string().optional(),
      }),
    )
    .optional(),
});
export type SignInMethod = z.infer<typeof SignInMethod>;

/** A provider as the add-account sheet shows it. */
export const ProviderView = z.object({
  id: z.string(),
  name: z.string(),
  standing: z.string(),
  spends: z.string(),
  signIn: z.array(SignInMethod),
  fields: z.array(Field),
  takesEnv: z.boolean(),
  /** Many accounts can be added at once from a text; what a line of it holds. */
  list: z.object({ help: z.string(), placeholder: z.string() }).optional(),
  /** What its agents can be given; absent where it has none. */
  agent: AgentAbilities.optional(),
});
export type ProviderView = z.infer<typeof ProviderView>;

/** One step of a test of an account, as it happens; a later step with the same id replaces an earlier one. */
export const CheckStep = z.object({
  id: z.string(),
  /** What is looked at: "Key accepted", "Program found". */
  label: z.string(),
  /** `unproved`: nothing is wrong, but only a real request can show that it works. */
  state: z.enum(['running', 'ok', 'unproved', 'warning', 'failed']),
  /** What was found, or why it failed and what to do next. */
  detail: z.string().optional(),
  /** A command that the person can copy to mend it. */
  command: z.string().optional(),
  /** A page that helps. */
  link: z.string().optional(),
});
export type CheckStep = z.infer<typeof CheckStep>;

/** One step of a real request that tries an account, with what was said on both sides; without secrets, and not whole if long. */
export const TryStep = CheckStep.extend({
  sent: z.string().optional(),
  received: z.string().optional(),
});
export type TryStep = z.infer<typeof TryStep>;

/** A login that was found on this machine, and the account that it would make. No secret is in it. */
export const FoundLogin = z.object({
  id: z.string(),
  /** Whose login it is, or which program's. */
  title: z.string(),
  /** Kind, region, expiry and the like, as far as they can be told without a call. */
  facts: z.array(z.string()),
  /** Where it was found, as a path. */
  place: z.string().optional(),
  /** Why it will not work as it is, and what mends it. */
  problem: z.string().optional(),
  draft: z.object({ method: z.string(), name: z.string(), values: z.record(z.string(), z.string()) }),
});
export type FoundLogin = z.infer<typeof FoundLogin>;

/** The same for the sheet: with the name of the account that has it already. */
export const FoundLoginView = FoundLogin.extend({ account: z.string().optional() });
export type FoundLoginView = z.infer<typeof FoundLoginView>;

/** Whether an account will work: `ready` only when it was proved lately; `resting` while it is not asked. */
export const AccountState = z.enum(['ready', 'untested', 'attention', 'resting', 'failed']);
export type AccountState = z.infer<typeof AccountState>;

/** One account as a row. */
export const AccountView = z.object({
  id: z.string(),
  provider: z.string(),
  providerName: z.string(),
  name: z.string(),
  method: z.string(),
  /** Public values only. */
  values: z.record(z.string(), z.string()),
  env: z.record(z.string(), z.string()),
  endpoints: z.record(z.string(), z.string()),
  models: z.array(z.string()),
  /** Names of the secrets that are stored, with their last four characters where the secret is long enough to show them. */
  secrets: z.array(z.object({ name: z.string(), lastFour: z.string().optional() })),
  /** `built-in` accounts cannot be removed; `file` accounts are changed in the configuration file. */
  source: z.enum(['settings', 'file', 'built-in']),
  /** There is a login to sign out of: the account's own, or one that other programs of the person use as well. */
  login: z.enum(['own', 'shared']).optional(),
  state: AccountState,
  /** One sentence to the state: what was proved or what went wrong. */
  stateText: z.string().optional(),
  /** When the state was proved, in milliseconds since 1970. */
  stateAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  modelCount: z.number().optional(),
  /** What is used and left; absent until it is known, and where the provider cannot tell. */
  quota: QuotaView.optional(),
  /** Whether the provider can tell it. */
  hasQuota: z.boolean().optional(),
  /** Why it, or one of its models, is not asked now; the ones that end first come first. */
  rests: z.array(RestView),
  /** Requests that it is answering. */
  running: z.number(),
  counts: AccountCounts,
  /** Absent where nothing is to be renewed. */
  renewal: RenewalView.optional(),
});
export type AccountView = z.infer<typeof AccountView>;

/** How replies with tools have come out where the model writes its calls as text, counted since it was first asked. */
export const ToolCallCounts = z.object({
  /** Replies for which tools were offered, whether or not it called any. */
  asked: z.number(),
  /** Replies whose calls were sound as they were written. */
  wellFormed: z.number(),
  /** Replies whose calls had to be mended. */
  repaired: z.number(),
  /** Replies that were right when the model was asked once more. */
  retried: z.number(),
  /** Replies whose calls were faulty to the end. */
  failed: z.number(),
});
export type ToolCallCounts = z.infer<typeof ToolCallCounts>;

/** A model of one account. */
export const ModelView = z.object({
  /** The name that leads to this account alone: the model's own where nobody else has it, else `ACCOUNT/name`. */
  id: z.string(),
  /** The names without `ACCOUNT/` under which it is asked, alone or among others; aliases are among them. */
  names: z.array(z.string()).optional(),
  /** No list for clients has it. */
  isHidden: z.boolean().optional(),
  name: z.string().optional(),
  account: z.string(),
  accountName: z.string(),
  provider: z.string(),
  contextTokens: z.number().optional(),
  maxOutputTokens: z.number().optional(),
  /** What it costs, in the provider's words. */
  price: z.string().optional(),
  tools: z.boolean().optional(),
  images: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  /** Absent where it was never measured: the model calls tools by itself, or was not asked yet. */
  toolCalls: ToolCallCounts.optional(),
});
export type ModelView = z.infer<typeof ModelView>;

/** What a client key may be used for. Absent means no limit. */
export const KeyRules = z.object({
  /** Names that it may ask for, as patterns with `*`; they are compared with what the client asks for and with what that leads to. */
  models: z.array(z.string().trim().min(1).max(300)).min(1).max(200).optional(),
  /** When it ends, in milliseconds since 1970. */
  expiresAt: z.number().int().min(0).optional(),
  requestsPerMinute: z.number().int().min(1).max(100_000).optional(),
  /** Input and output together, as upstreams count them, from midnight to midnight of this machine. */
  tokensPerDay: z.number().int().min(1).max(1_000_000_000).optional(),
  /** Requests at a time. */
  concurrent: z.number().int().min(1).max(1000).optional(),
});
export type KeyRules = z.infer<typeof KeyRules>;

/** A client key, without the key. */
export const ClientKeyView = z.object({
  id: z.string(),
  name: z.string(),
  lastFour: z.string(),
  source: z.enum(['settings', 'file']),
  createdAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  rules: KeyRules,
  /** What was used today of what is limited, and in all since it was made. */
  usage: z.object({ tokensToday: z.number(), requests: z.number() }),
});
export type ClientKeyView = z.infer<typeof ClientKeyView>;

/** Whether the door is open. */
export const DoorView = z.object({
  state: z.enum(['starting', 'serving', 'stopping', 'stopped', 'port-taken', 'failed']),
  host: z.string(),
  port: z.number(),
  /** `http://127.0.0.1:7282`, without a path. */
  baseUrl: z.string(),
  /** Others than this machine can reach it. */
  exposed: z.boolean(),
  /** Why it is not serving, for a person. */
  problem: z.string().optional(),
  /** A port that was free just now, offered when the wanted one is taken. */
  freePort: z.number().optional(),
});
export type DoorView = z.infer<typeof DoorView>;

/** Something the person should know, until it no longer holds. */
export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  title: z.string(),
  text: z.string(),
});
export type Notice = z.infer<typeof Notice>;

/** The state of the whole application. */
export const StatusView = z.object({
  version: z.string(),
  mode: z.enum(['desktop', 'headless']),
  startedAt: z.number(),
  door: DoorView,
  /** The second door, for clients that know Ollama's address only; absent where it is off. */
  ollamaDoor: DoorView.optional(),
  /** Replies being streamed at this moment. */
  runningStreams: z.number(),
  vault: z.object({
    kind: z.enum(['keychain', 'file']),
    /** One sentence: where secrets live, and why there. */
    detail: z.string(),
  }),
  dataFolder: z.string(),
  configFile: z.string().optional(),
  /** Names of the settings that the configuration file or the environment sets anew at each start. */
  fixedSettings: z.array(z.string()),
  /** The dialects that the doors speak: name for people, what follows host and port in a base URL, and every path. */
  dialects: z.array(z.object({ name: z.string(), path: z.string(), routes: z.array(z.string()) })),
  notices: z.array(Notice),
});
export type StatusView = z.infer<typeof StatusView>;
