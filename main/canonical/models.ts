// What the house knows of a model. Types only.

/** A model as an upstream offers it. Abilities are absent where the upstream does not tell. */
export interface ModelInfo {
  /** The upstream's own name. */
  readonly id: string;
  /** A name for people, where the upstream has one. */
  readonly name?: string;
  /** Who made it, as the upstream says. */
  readonly owner?: string;
  /** When the upstream says it was made, in seconds since 1970. */
  readonly createdAt?: number;
  /** Input and output together, in tokens. */
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  /** What it costs, in words, where the upstream tells: "$2.58 in, $12.88 out per million tokens". */
  readonly price?: string;
  readonly abilities?: {
    readonly tools?: boolean;
    readonly images?: boolean;
    readonly reasoning?: boolean;
  };
}

/** A model as clients see it. */
export interface ServedModel {
  /** The name to ask for. */
  readonly id: string;
  /** What holds for all who serve it. */
  readonly info: ModelInfo;
  /** Id of the first account that serves it. */
  readonly account: string;
  /** Id of that account's provider. */
  readonly provider: string;
}

/**
 * How one reply with tools came out where the model writes its calls as text: it called nothing, its calls were sound, had
 * to be mended, were right when it was asked again, or were faulty to the end.
 */
export type ToolOutcome = 'none' | 'well-formed' | 'repaired' | 'retried' | 'failed';

/** How often each happened, and how often the model was asked with tools at all. */
export interface ToolCounts {
  readonly asked: number;
  readonly wellFormed: number;
  readonly repaired: number;
  readonly retried: number;
  readonly failed: number;
}
