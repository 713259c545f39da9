// What every client protocol ("face") fulfils: it reads its wire into the canonical request and writes canonical events
// back as its wire. Pure functions; no HTTP server, no gateway, no other face.

import type { Reply } from '../canonical/collect.ts';
import type { CompletionRequest } from '../canonical/completion.ts';
import type { ConversationRequest } from '../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult } from '../canonical/embeddings.ts';
import type { GatewayError } from '../canonical/errors.ts';
import type { EventBatch } from '../canonical/events.ts';
import type { ImageRequest, ImageResult } from '../canonical/images.ts';
import type { ServedModel } from '../canonical/models.ts';

/** One dialect that clients speak. */
export interface Protocol {
  /** Kebab-case name, used in the log. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** What its clients expect in their base URL after host and port: `/v1`, or `''`. */
  readonly basePath: string;
  readonly routes: readonly Route[];
  /** `false` where people need not be told of it: its clients are pointed at another dialect's base URL anyway. */
  readonly listed?: boolean;
  /** A further header in which its clients look for our id of the request, besides `x-request-id`. */
  readonly requestIdHeader?: string;
  /** Where its clients put the key besides `Authorization: Bearer` and `x-api-key`: a header, a name in the query. */
  readonly keyPlaces?: { readonly header?: string; readonly query?: string };
  /** What else a model may be called where nobody serves the name that a client asked for; undefined where nothing. */
  otherName?(model: string): string | undefined;
  /** Whether a path that no route answers is this dialect's all the same, so that its clients can read the refusal. */
  owns?(path: string, headers: RequestHeaders): boolean;
  /** The client's error shape. `requestId` is ours, for the person to find the request in the log. */
  writeError(error: GatewayError, requestId: string): WireAnswer;
}

/** A path that a face answers. A trailing slash or an empty query mark does not matter. */
export type Route =
  | ConverseRoute
  | EmbedRoute
  | ImagesRoute
  | ModelsRoute
  | ModelRoute
  | ModelQueryRoute
  | CountRoute
  | OwnRoute
  | FixedRoute;

interface RouteBase {
  /** Full path, beginning with `/`; it may hold one `{name}`, which stands for any text, slashes included. */
  readonly path: string;
  /** Where two faces share a path: the first route whose `when` holds answers, else the first that has none. */
  readonly when?: (headers: RequestHeaders) => boolean;
}

/** What a route is told of a request besides its body. */
export interface RouteRequest {
  readonly headers: RequestHeaders;
  /** What stands in the place of the path's `{…}`, decoded; `''` where the path has none. */
  readonly name: string;
  /** What follows the path's `?`, as it came; `''` where nothing does. */
  readonly query: string;
  /** Name of the client key that opened the door; undefined where none was needed. */
  readonly key: string | undefined;
}

/** `POST` of a JSON body, answered with one reply. */
export interface ConverseRoute extends RouteBase {
  readonly action: 'converse';
  /** Reads a parsed body. Throws `GatewayError` (`invalid-request`, with `param`) for what cannot be understood. */
  readRequest(body: unknown, request: RouteRequest): Exchange;
}

/** `POST` of a JSON body, answered with vectors. */
export interface EmbedRoute extends RouteBase {
  readonly action: 'embed';
  /** Reads a parsed body. Throws like `ConverseRoute.readRequest`. */
  readRequest(body: unknown, request: RouteRequest): SingleExchange<EmbeddingRequest, EmbeddingResult>;
}

/** `POST` of a JSON body, answered with pictures. */
export interface ImagesRoute extends RouteBase {
  readonly action: 'images';
  /** Reads a parsed body. Throws like `ConverseRoute.readRequest`. */
  readRequest(body: unknown, request: RouteRequest): SingleExchange<ImageRequest, ImageResult>;
}

/** Any method, answered by the face alone out of what it keeps. */
export interface OwnRoute extends RouteBase {
  readonly action: 'own';
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** It wants a JSON body. */
  readonly readsBody?: boolean;
  /** `body` is the parsed one, where it reads any. Throws `GatewayError` (`not-found`) for what it does not keep. */
  answer(request: RouteRequest, body?: unknown): WireAnswer;
}

/** `GET` of the list of models. */
export interface ModelsRoute extends RouteBase {
  readonly action: 'models';
  writeModels(models: readonly ServedModel[]): unknown;
}

/** `GET` of one model, whose name is the `{…}` of the path. */
export interface ModelRoute extends RouteBase {
  readonly action: 'model';
  writeModel(model: ServedModel): unknown;
}

/** `POST` of a JSON body, answered with the number of input tokens it would take; the count is our own estimate. */
export interface CountRoute extends RouteBase {
  readonly action: 'count';
  /** Reads a parsed body. Throws `GatewayError` (`invalid-request`, with `param`) for what cannot be understood. */
  readConversation(body: unknown, request: RouteRequest): ConversationRequest;
  writeCount(inputTokens: number): unknown;
}

/** `POST` of a JSON body that names a model, answered with what is known of it. */
export interface ModelQueryRoute extends RouteBase {
  readonly action: 'model-query';
  /** The model's name in a parsed body. Throws `GatewayError` (`invalid-request`) where there is none. */
  readModelName(body: unknown): string;
  writeModel(model: ServedModel): unknown;
}

/** `GET` or `HEAD` of what never changes. */
export interface FixedRoute extends RouteBase {
  readonly action: 'fixed';
  /** A text is sent as plain text, anything else as JSON. */
  readonly body: unknown;
  /** Needs no client key, as it tells nothing that the open port does not tell already. */
  readonly open?: boolean;
}

/** Header names in lower case, as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** One request as its face understood it, with the ways to answer it. */
export type Exchange = ConversationExchange | CompletionExchange | ReadyExchange;

interface StreamableExchange {
  /** The client wants the events live; otherwise one object. */
  readonly stream: boolean;
  /** What was asked for and cannot be given, in plain words, for the log. */
  readonly notes?: readonly string[];
  /** A writer for this one stream. */
  openStream(head: ReplyHead): StreamWriter;
  /** The whole reply as one JSON-serialisable object. */
  writeReply(reply: Reply, head: ReplyHead): unknown;
}

/** A conversation to be answered. */
export interface ConversationExchange extends StreamableExchange {
  readonly conversation: ConversationRequest;
  /** The lasting conversation that the body names, where its dialect has a field for it. */
  readonly wish?: SessionWish;
}

/** What a client says of the lasting conversation that its request belongs to. */
export interface SessionWish {
  readonly sessionId?: string;
  readonly projectId?: string;
}

/** A text to be continued. */
export interface CompletionExchange extends StreamableExchange {
  readonly completion: CompletionRequest;
}

/** A request that nobody need be asked for, as long as somebody serves its model. */
export interface ReadyExchange {
  readonly model: string;
  /** The whole body: a text is sent as it is, anything else as JSON. */
  readonly ready: unknown;
  /** What the body is, where it is a text. */
  readonly contentType?: string;
}

/** A request that is answered with one object and never live. */
export interface SingleExchange<Request, Result> {
  readonly request: Request;
  /** What was asked for and cannot be given, in plain words, for the log. */
  readonly notes?: readonly string[];
  /** The answer as one JSON-serialisable object. */
  writeResult(result: Result, head: ReplyHead): unknown;
}

/** What a face needs to know of a reply besides its events. */
export interface ReplyHead {
  /** Our id of the request; used where the upstream gives none. */
  readonly requestId: string;
  /** The model name that the client asked for. */
  readonly model: string;
  /** When the request came in, in seconds since 1970. */
  readonly createdAt: number;
  /** The lasting conversation that the request belongs to, if any. */
  readonly session?: { readonly id: string; readonly projectId: string | undefined };
  /** Puts one plain sentence on the request's log record: what of the reply this dialect cannot carry. */
  note(text: string): void;
}

/** Turns batches into wire text, in order. */
export interface StreamWriter {
  readonly contentType: string;
  /** What is sent in silence so that nobody gives up, before the first frame too; every client skips it. */
  readonly keepAlive: string;
  /** The frames for one batch, `''` when it has none. An `error` event becomes an error frame, never a clean end. */
  write(batch: EventBatch): string;
}

/** A whole answer. */
export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}
