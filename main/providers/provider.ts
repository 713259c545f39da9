// What every provider fulfils: it writes canonical requests to its upstream and reads the answer as canonical events.
// A provider knows no client, no other provider and no routing; the gateway calls it with one credential at a time.
import type { AgentAbilities, AgentAnswer, AgentQuestion, AgentRules } from '../../shared/projects.ts';
import type { Quota } from '../../shared/quota.ts';
import type { CheckStep, Field, FoundLogin, SignInMethod } from '../../shared/views.ts';
import type { CompletionRequest } from '../canonical/completion.ts';
import type { ConversationRequest } from '../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult } from '../canonical/embeddings.ts';
import type { EventStream } from '../canonical/events.ts';
import type { ImageRequest, ImageResult } from '../canonical/images.ts';
import type { ModelInfo, ToolOutcome } from '../canonical/models.ts';
import type { Account } from '../credentials/credential.ts';
import type { HttpClient } from '../http/client.ts';
import type { Logger } from '../util/logger.ts';
import type { AttemptContext, CallContext, SingleContext } from './context.ts';
import type { AccountLists, AccountLogin, AccountRenewal, ProviderLogin } from './login.ts';

/** One way to whatever models an account offers. */
export interface Provider {
  /** Kebab-case name, used in model names, settings and the log; never changes. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** Two honest lines for the GUI. */
  readonly card: {
    /** What is official and what is reverse-engineered. */
    readonly standing: string;
    /** What a request spends, and of whom. */
    readonly spends: string;
  };
  /** How an account is set up; empty for a provider that needs none and is always there. */
  readonly signIn: readonly SignInMethod[];
  /** Fields that every method shares, shown below its own. */
  readonly fields?: readonly Field[];
  /** Names of the hosts that `endpoints` of an account may replace; others are refused in the configuration file. */
  readonly endpoints?: readonly string[];
  /** Whether accounts may carry `env`, for providers that run a program. */
  readonly takesEnv?: boolean;
  /** The models that the account can use now. Throws `GatewayError`. */
  listModels(context: CallContext): Promise<readonly ModelInfo[]>;
  /**
   * The one of its `models` that a client means by another spelling of its name; undefined for none. Absent where names have
   * but one spelling.
   */
  recognise?(name: string, models: readonly ModelInfo[]): string | undefined;
  /**
   * The model that answers for names which no account knows, where the person has set one for this account; asked with the
   * unknown name, which the provider must tell on the log. Absent where accounts cannot be set so.
   */
  fallbackModel?(account: Account): string | undefined;
  /**
   * One reply to `request`, whose `model` is the upstream's own name. Throws `GatewayError` while nothing has been yielded;
   * after the first batch a failure is an `error` event. Returning from the stream or aborting the signal stops the upstream.
   */
  converse(request: ConversationRequest, context: AttemptContext): EventStream;
  /** The text that goes on where `request.prompt` ends; fails like `converse`. Absent where the upstream only converses. */
  complete?(request: CompletionRequest, context: AttemptContext): EventStream;
  /** One vector for each input. Throws `GatewayError`. Absent where the upstream makes none. */
  embed?(request: EmbeddingRequest, context: SingleContext): Promise<EmbeddingResult>;
  /** At least one picture. Throws `GatewayError`. Absent where the upstream makes none. */
  generateImages?(request: ImageRequest, context: SingleContext): Promise<ImageResult>;
  /** Tries the account for real, step by step, without spending more than a look-up costs. Never throws. */
  check(context: CallContext): AsyncIterable<CheckStep>;
  /**
   * What is used and left of the account's plan, without spending any of it. Asked seldom: not more than every few minutes.
   * Throws `GatewayError`. Absent where the upstream does not tell.
   */
  readQuota?(context: CallContext): Promise<Quota>;
  /**
   * What is found on this machine before anything is set up (a program, a login), for the add-account sheet. `values` are
   * what the person has typed so far, by field name. Absent where there is nothing to find. Never throws.
   */
  survey?(values: Readonly<Record<string, string>>, signal: AbortSignal): AsyncIterable<CheckStep>;
  /**
   * Logins on this machine that accounts can be made of, for the add-account sheet. Calls no upstream. Absent where there is
   * nothing to look for. Never throws.
   */
  findLogins?(signal: AbortSignal): Promise<readonly FoundLogin[]>;
  /** Many accounts in one text, as other programs keep them; absent where there is no such form. */
  readonly lists?: AccountLists;
  /**
   * What its agents can be given; absent where it has none. A provider that has it lists each of `agents.list()` that its
   * account may run as a model `agent:ID`, and answers `converse` for that name by working in the project's folder.
   */
  readonly agent?: AgentAbilities;
  /**
   * A session is forgotten for good: removes what the provider has kept for it in its own folder, never a file of the
   * person's. `state` is any provider's; another's is nothing. Never throws.
   */
  forgetSession?(state: string): Promise<void>;
  /**
   * What becomes of logins, and signing in by talking with the person where a method says `dialogue`; absent where the fields
   * are all that an account needs.
   */
  readonly login?: AccountLogin | ProviderLogin;
  /** How logins are kept alive; absent where there are none that Patchbay renews. */
  readonly renewal?: AccountRenewal;
  /** Ends whatever the provider still runs; resolves when nothing is left. */
  close?(): Promise<void>;
}

/** What an agent is: its project, and what it may do there. */
export interface Agent {
  /** Id of the project; the model name is `agent:ID`. */
  readonly id: string;
  readonly name: string;
  /** Absolute path of its folder. */
  readonly path: string;
  readonly rules: AgentRules;
}

/** The agents that are switched on. */
export interface Agents {
  list(): readonly Agent[];
  find(id: string): Agent | undefined;
}

/** Puts a question to the person in the window. Resolves with undefined where nobody answered in time, or `signal` aborted. */
export type AskPerson = (
  question: Omit<AgentQuestion, 'id' | 'askedAt' | 'until'>,
  signal: AbortSignal,
) => Promise<AgentAnswer | undefined>;

/** What a provider is made with; lives as long as the engine. */
export interface ProviderServices {
  readonly http: HttpClient;
  readonly logger: Logger;
  /** Where providers keep scratch files; each makes a folder of its own id in it when it needs one. */
  readonly folder: string;
  /** Limits from the settings, read at each call. */
  readonly limits: () => UpstreamLimits;
  /** Limits for providers that run a program, from the settings, read at each start. */
  readonly programLimits: () => ProgramLimits;
  readonly agents: Agents;
  readonly ask: AskPerson;
  /** Secrets of the provider's own, such as tokens that an upstream has renewed. Kept when `write` resolves. */
  readonly vault: ProviderVault;
  /** Counts how well the models of an account call tools in their text; shown with the models. */
  readonly toolCalls: { record(account: string, model: string, outcome: ToolOutcome): void };
}

/** Secrets by name, apart from those of other providers. Every call may throw `GatewayError`. */
export interface ProviderVault {
  read(name: string): Promise<string | undefined>;
  write(name: string, secret: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Keeps a secret that is stored elsewhere, such as in another program's file, out of logs and errors. */
  hide(secret: string): void;
}

/** How much the programs on this machine may take. */
export interface ProgramLimits {
  /** At a time, working or waiting; at least 1. */
  readonly most: number;
  /** Of these, those that wait for the next turn or the next request. 0 keeps none. */
  readonly mostWaiting: number;
  /** How long one waits before it is ended, in milliseconds. */
  readonly idleMs: number;
  /** How often a program may ask its upstream again by itself before it has an answer. */
  readonly retries: number;
  /** The same for an agent at work. */
  readonly agentRetries: number;
}

/** How long an upstream may keep us waiting. */
export interface UpstreamLimits {
  /** From the request to the first byte of the answer, in milliseconds. */
  readonly firstByteMs: number;
  /** Between two pieces of an answer, in milliseconds. */
  readonly idleMs: number;
}

/** Makes a provider; the registry is a list of these. */
export type CreateProvider = (services: ProviderServices) => Provider;
