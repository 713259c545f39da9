// What a router says of a name: the models that may serve it, in order, with the accounts of each, and how it came to that.
// Types only.
import type { PathStep } from '../../shared/routing.ts';
import type { ReasoningRequest } from '../canonical/conversation.ts';
import type { ModelInfo } from '../canonical/models.ts';
import type { Account } from '../credentials/credential.ts';

/** Where a request can go. */
export interface Candidate {
  readonly account: Account;
  /** The upstream's own name of the model, or a spelling of it that the provider reads itself. */
  readonly model: string;
  /** What the account's list says of the model; undefined for one that it does not list. */
  readonly info?: ModelInfo;
}

/** Accounts that serve the same model: whichever of them answers, the client gets what it asked for. */
export interface Stage {
  /** The name as it was looked up, without rules: `kimi-k3`, `kiro/auto`. */
  readonly name: string;
  /** At least one, and at most one of each account; in the order of the accounts. */
  readonly members: readonly Candidate[];
  /** Which rule leads on to it and what was passed over before it, to be told when a request gets here; none for the first. */
  readonly steps?: readonly PathStep[];
}

/** What a request needs of a model. Absent is not needed. */
export interface Needs {
  readonly tools?: boolean;
  readonly images?: boolean;
  /** About how many tokens go in. */
  readonly contextTokens?: number;
}

/** Who asks for what. */
export interface Asking {
  /** The name as the client wrote it. */
  readonly model: string;
  /** Name of its key; undefined where none was needed. */
  readonly key?: string;
  readonly needs?: Needs;
  /** No rule may lead elsewhere, for whoever wants to know of this very account: the name is what `ACCOUNT/name` says. */
  readonly isPlain?: boolean;
}

/** The whole answer to a name. */
export interface RoutePlan {
  /** At least one; each is asked only where those before it cannot serve. */
  readonly stages: readonly [Stage, ...Stage[]];
  /** Which rules led to the first stage. Empty where the name is what an account offers: there is nothing to tell. */
  readonly steps: readonly PathStep[];
  /** What was passed over behind the last stage, to be told where that one cannot serve either. */
  readonly stepsAfter?: readonly PathStep[];
  /** Nobody serves the name itself: a rule for such names has chosen. */
  readonly isUnknown?: boolean;
  /** How much is to be thought, where the name said so; it replaces what the request says. */
  readonly reasoning?: ReasoningRequest;
}
