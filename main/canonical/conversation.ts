// The canonical request: what any client asked for, in the one language spoken inside the house. Types only.
// A face reads its wire into this, a provider writes its wire from this; neither knows the other.

/** Any JSON value, as parsed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object, as parsed. */
export type JsonObject = { readonly [key: string]: Json };

/**
 * What one dialect knows and the hub has no word for, keyed by that dialect's namespace (`openai`, `anthropic`, ...).
 * A writer adds only to its own namespace and reads only namespaces that it knows; nobody removes another's.
 */
export type Metadata = { readonly [namespace: string]: JsonObject };

/** A whole request for one reply. */
export interface ConversationRequest {
  /** Model name exactly as the client sent it; the router turns it into an upstream's own name. */
  readonly model: string;
  /** The conversation so far, oldest first; system messages stand where the client put them. */
  readonly messages: readonly Message[];
  /** Functions that the client can run. */
  readonly tools?: readonly Tool[];
  /** How the model must or may use the tools; absent means that the upstream's default applies. */
  readonly toolChoice?: ToolChoice;
  /** `false` asks for at most one tool call a reply. */
  readonly parallelToolCalls?: boolean;
  /** Upper limit for the reply, reasoning included, in tokens. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** Texts that end the reply before they appear in it. */
  readonly stop?: readonly string[];
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningRequest;
  /** Body fields that the hub has no word for, per dialect. */
  readonly metadata?: Metadata;
}

/** One turn. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** Instructions; may stand anywhere among the messages. */
export interface SystemMessage {
  readonly role: 'system';
  readonly parts: readonly TextPart[];
  readonly metadata?: Metadata;
}

/** What the person (or the client for them) said. */
export interface UserMessage {
  readonly role: 'user';
  readonly parts: readonly (TextPart | ImagePart | FilePart)[];
  readonly metadata?: Metadata;
}

/** What a model answered earlier, in the order in which it answered. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly parts: readonly (TextPart | ImagePart | FilePart | ReasoningPart | ToolCallPart)[];
  readonly metadata?: Metadata;
}

/** What the client's tools returned. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly parts: readonly ToolResultPart[];
  readonly metadata?: Metadata;
}

/** Plain text. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly metadata?: Metadata;
}

/** Where the bytes of an image or a file are. */
export type Source =
  | { readonly type: 'base64'; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  /** A file that the client uploaded to the upstream earlier; only that upstream can resolve it. */
  | { readonly type: 'id'; readonly id: string };

/** A picture. */
export interface ImagePart {
  readonly type: 'image';
  /** `image/png` and so on; known for every base64 source, often unknown for a URL. */
  readonly mediaType?: string;
  readonly source: Source;
  readonly metadata?: Metadata;
}

/** A document, sound or any other file. */
export interface FilePart {
  readonly type: 'file';
  readonly mediaType?: string;
  readonly name?: string;
  readonly source: Source;
  readonly metadata?: Metadata;
}

/** The model's thinking, as it was shown; its signature, if any, is in the metadata of the dialect that signs. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly metadata?: Metadata;
}

/** A function that the model wants the client to run. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text, byte for byte as the model wrote them; not checked for validity. */
  readonly arguments: string;
  readonly metadata?: Metadata;
}

/** The outcome of one tool call. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  /** The tool's name where the dialect repeats it. */
  readonly name?: string;
  readonly parts: readonly (TextPart | ImagePart | FilePart)[];
  /** The tool failed; the parts say how. */
  readonly isError?: boolean;
  readonly metadata?: Metadata;
}

/** A function as the client declares it. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments, passed on unharmed; absent means that no arguments are taken. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  readonly metadata?: Metadata;
}

/** Whether tools may, must or must not be called. */
export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string };

/** The form in which the reply must come. */
export type ResponseFormat =
  | { readonly type: 'text' | 'json' }
  | {
      readonly type: 'json-schema';
      readonly name: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

/** How much the model is to think before it answers. */
export interface ReasoningRequest {
  /** `none`, `minimal`, `low`, `medium`, `high`, `max`, or a word that only the upstream knows. */
  readonly effort?: string;
  /** Upper limit for the thinking, in tokens. */
  readonly budgetTokens?: number;
  /** `false` asks for no thinking at all. */
  readonly enabled?: boolean;
}
