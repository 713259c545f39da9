// What a guide for one client is, with the small helpers that its texts are written with.
import type texts from '../../lib/texts.json';

/** Name of a client in the address and in the texts. */
type GuideId = keyof typeof texts.connect.guides;

/** What stands in a snippet for values that are known only when it is shown or copied. */
export interface SnippetValues {
  /** The door's base URL without a path. */
  readonly origin: string;
  readonly model: string;
  /** What the model takes in all and answers at most, in tokens: as its service tells, else a careful guess. */
  readonly contextTokens: number;
  readonly outputTokens: number;
  readonly images: boolean;
  /** The address for clients of the second door: that one's where it is on, else the main door's. */
  readonly local: {
    readonly origin: string;
    readonly port: number;
    /** Whether clients must bring the key there. */
    readonly needsKey: boolean;
  };
  /** The key itself is never here: a placeholder when copied, its last four when shown. */
  readonly key: string;
}

/** A text to paste, or a single value for a field in the client's own settings. */
export interface Snippet {
  readonly kind: 'code' | 'value';
  /** File name, or the label of the field as the client calls it. */
  readonly label: string;
  write(values: SnippetValues): string;
  /** Whether it is of use as things are; always, where it is absent. */
  readonly isWanted?: (values: SnippetValues) => boolean;
}

/** What clients are listed under, in this order. */
export const GROUPS = ['terminal', 'editors', 'agents', 'local'] as const;

/** One client. */
export interface ClientGuide {
  /** Also the key of its steps in the texts. */
  readonly id: GuideId;
  readonly name: string;
  readonly group: (typeof GROUPS)[number];
  /** The path that the client asks under, or its beginning. */
  readonly path: string;
  /** The client cannot be given a key, or not for this: it needs a door that wants none. */
  readonly bringsNoKey?: true;
  readonly snippets: readonly Snippet[];
}

/** The path of chat completions. */
export const CHAT = '/v1/chat/completions';
/** The path of Anthropic's messages. */
export const MESSAGES = '/v1/messages';
/** The path of OpenAI's newer dialect. */
export const RESPONSES = '/v1/responses';
/** How Google's paths begin; each names its model. */
export const GOOGLE = '/v1beta/models/';
/** The path by which Ollama's clients find models. */
export const TAGS = '/api/tags';

/** A text to paste. */
export const code = (label: string, write: Snippet['write']): Snippet => ({ kind: 'code', label, write });
/** A value for one field. */
export const value = (label: string, write: Snippet['write'], isWanted?: Snippet['isWanted']): Snippet => ({
  kind: 'value',
  label,
  write,
  ...(isWanted && { isWanted }),
});
/** Indented JSON. */
export const json = (data: unknown) => JSON.stringify(data, undefined, 2);
/** The base URL that clients of this dialect want. */
export const base = ({ origin }: SnippetValues) => `${origin}/v1`;
