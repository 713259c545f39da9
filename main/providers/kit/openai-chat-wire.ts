// The wire types of OpenAI-shaped upstreams, as far as the kit reads them; everything may be missing.

/** Token counts; vendors put the cached ones in different places. */
export interface WireUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly cached_tokens?: number | null;
  readonly prompt_cache_hit_tokens?: number | null;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

/** A tool call, whole or a piece of one. */
export interface WireToolCall {
  readonly index?: number | string;
  readonly id?: string | null;
  readonly type?: string;
  readonly function?: { readonly name?: string | null; readonly arguments?: string | object | null };
  readonly [extra: string]: unknown;
}

/** A message of a whole answer, or the delta of a chunk. */
export interface WireMessage {
  readonly role?: string;
  /** Text; a few vendors send a list of parts. */
  readonly content?: string | readonly { readonly type?: string; readonly text?: string }[] | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
  readonly [extra: string]: unknown;
}

/** The one choice that is read. */
export interface WireChoice {
  readonly delta?: WireMessage | null;
  readonly message?: WireMessage | null;
  /** The text of a legacy completion. */
  readonly text?: string | null;
  readonly finish_reason?: string | null;
  /** Moonshot puts the usage of a stream here. */
  readonly usage?: WireUsage | null;
  readonly [extra: string]: unknown;
}

/** A whole answer, or one chunk of a stream. */
export interface WireAnswer {
  readonly id?: string;
  readonly model?: string;
  readonly choices?: readonly WireChoice[];
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
  readonly [extra: string]: unknown;
}
