// The heart: one request from its route to its last event. Decides where it goes, keeps the commit point, and tells the
// log what passes by; of the events it touches only an error, which it gives its account's name.
import type { AccountState } from '../../shared/views.ts';
import type { CompletionRequest } from '../canonical/completion.ts';
import type { ConversationRequest } from '../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult } from '../canonical/embeddings.ts';
import { type ErrorKind, GatewayError, readError } from '../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream, Usage } from '../canonical/events.ts';
import type { ImageRequest, ImageResult } from '../canonical/images.ts';
import type { Account } from '../credentials/credential.ts';
import type { AttemptContext, AttemptSession, SingleContext } from '../providers/context.ts';
import type { Provider } from '../providers/provider.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import { type AttemptServices, askOnce, type CallProvider, nameAccount, openAttempt } from './attempt.ts';
import type { Asking, Candidate, RoutePlan } from './route-plan.ts';
import type { Router } from './router.ts';

/** What the gateway is told of a request besides what is asked. */
export interface RequestContext {
  readonly requestId: string;
  /** Name of the key that the client came with; undefined where it needed none. */
  readonly clientKey?: string;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  readonly record: RequestRecord;
  /** When the request came in, by `performance.now()`. */
  readonly startedAt: number;
  /** As in `Asking`. */
  readonly isPlain?: boolean;
}

/** What it is told besides of a request whose answer may be streamed. */
export interface ConverseContext extends RequestContext {
  /** The client wants the events as they come. */
  readonly live: boolean;
  /** The lasting conversation that it belongs to, if any. */
  readonly session?: AttemptSession;
}

/** The way through the house. The record gets what is learned on the way; opening and closing it is the caller's. */
export interface Gateway {
  /**
   * The reply to one request. Throws `GatewayError` before the first content; afterwards a failure is one last `error`
   * event.
   */
  converse(request: ConversationRequest, context: ConverseContext): EventStream;
  /** The text that goes on where another ends; fails like `converse`, with `unsupported` where the provider cannot. */
  complete(request: CompletionRequest, context: ConverseContext): EventStream;
  /** Vectors for texts. Throws `GatewayError`, `unsupported` where the provider makes none. */
  embed(request: EmbeddingRequest, context: RequestContext): Promise<EmbeddingResult>;
  /** Pictures for words. Throws `GatewayError`, `unsupported` where the provider makes none. */
  generateImages(request: ImageRequest, context: RequestContext): Promise<ImageResult>;
  /**
   * Resolves where some account serves the model for that client key, and tells whether only a rule for names that nobody knows
   * leads there. Throws `GatewayError` (`not-found`, `forbidden`) where none does.
   */
  find(asking: Pick<Asking, 'model' | 'key'>): Promise<Pick<RoutePlan, 'isUnknown'>>;
}

/** What a gateway is made of. */
export interface GatewayServices extends AttemptServices {
  readonly router: Router;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
}

/** What a failure shows of the account; other kinds are the client's doing, or ours. */
const STATE_AFTER: Partial<Record<ErrorKind, AccountState>> = {
  unauthorized: 'failed',
  forbidden: 'failed',
  'quota-exhausted': 'failed',
  'rate-limited': 'attention',
  overloaded: 'attention',
  timeout: 'attention',
  upstream: 'attention',
};

/** A success is worth a new mark on the account only this often. */
const PROOF_AGE_MS = 60_000;

/** A gateway over these accounts and providers. */
export function createGateway(services: GatewayServices): Gateway {
  const { accounts, router, redact } = services;

  const reportFailure = (account: Account, error: GatewayError) => {
    const state = STATE_AFTER[error.kind];
    if (state !== undefined) accounts.report(account.id, { state, text: error.message, at: Date.now() });
  };
  const reportSuccess = (account: Account) => {
    const { state, at = 0 } = accounts.health(account.id);
    if (state === 'ready' && Date.now() - at < PROOF_AGE_MS) return;
    accounts.report(account.id, { state: 'ready', text: 'Answered a request.', at: Date.now() });
  };

  const choose = async (
    model: string,
    { record, clientKey: key, isPlain }: Pick<RequestContext, 'record' | 'clientKey' | 'isPlain'>,
  ): Promise<Candidate> => {
    const [{ members }] = (await router.plan({ model, key, isPlain })).stages;
    const [candidate] = members;
    if (candidate === undefined) throw new GatewayError('not-found', `No account offers the model "${model}".`);
    const { account } = candidate;
    record.update({ account: account.id, provider: account.provider, modelUsed: candidate.model, attempts: 1 });
    accounts.touch(account.id);
    return candidate;
  };

  const stream = async function* (
    name: string,
    call: CallProvider<AttemptContext, EventStream>,
    { requestId, clientKey, signal, live, session, record, startedAt, isPlain }: ConverseContext,
  ): EventStream {
    const candidate = await choose(name, { record, clientKey, isPlain });
    const { account } = candidate;
    const note = (text: string) => record.note(text);
    let state: ReplyState = 'running';
    const tap = (batch: EventBatch): EventBatch => {
      state = readBatch(batch, record) ?? state;
      if (state !== 'broken') return batch;
      return batch.map((event) => (event.type === 'error' ? breakOff(event.error) : event));
    };
    const breakOff = (thrown: unknown): ConversationEvent => {
      const error = nameAccount(readError(thrown), account.name, redact);
      reportFailure(account, error);
      return { type: 'error', error };
    };
    let rest: AsyncIterator<EventBatch> | undefined;
    try {
      const context = { requestId, clientKey, signal, live, session, note };
      const attempt = await openAttempt(services, candidate, call, context);
      rest = attempt.rest;
      record.update({ firstTokenMs: performance.now() - startedAt });
      yield tap(attempt.first);
      while (state === 'running') {
        const { done, value } = await rest.next();
        yield tap(done ? [{ type: 'error', error: createCutError(account.provider) }] : value);
      }
      if (state === 'ended') reportSuccess(account);
    } catch (thrown) {
      if (rest !== undefined) {
        yield [breakOff(thrown)];
        return;
      }
      const error = readError(thrown);
      reportFailure(account, error);
      throw error;
    } finally {
      // The client left in the middle: the upstream must not go on.
      await rest?.return?.();
    }
  };

  const ask = async <Result extends { readonly model?: string; readonly usage?: Usage }>(
    name: string,
    call: CallProvider<SingleContext, Promise<Result>>,
    { requestId, clientKey, signal, record, isPlain }: RequestContext,
  ): Promise<Result> => {
    const candidate = await choose(name, { record, clientKey, isPlain });
    const { account } = candidate;
    const note = (text: string) => record.note(text);
    try {
      const result = await askOnce(services, candidate, call, { requestId, clientKey, signal, note });
      if (result.model !== undefined) record.update({ modelUsed: result.model });
      if (result.usage !== undefined) record.update({ usage: result.usage });
      reportSuccess(account);
      return result;
    } catch (thrown) {
      const error = readError(thrown);
      reportFailure(account, error);
      throw error;
    }
  };

  return {
    converse: (request, context) =>
      stream(request.model, (provider, model, attempt) => provider.converse({ ...request, model }, attempt), context),
    complete: (request, context) =>
      stream(
        request.model,
        (provider, model, attempt) =>
          provider.complete?.({ ...request, model }, attempt) ?? refuse(provider, 'continue a text: it only converses'),
        context,
      ),
    embed: (request, context) =>
      ask(
        request.model,
        (provider, model, attempt) =>
          provider.embed?.({ ...request, model }, attempt) ?? refuse(provider, 'make embeddings'),
        context,
      ),
    generateImages: (request, context) =>
      ask(
        request.model,
        (provider, model, attempt) =>
          provider.generateImages?.({ ...request, model }, attempt) ?? refuse(provider, 'make images'),
        context,
      ),
    find: (asking) => router.plan(asking),
  };
}

function refuse({ id }: Provider, what: string): never {
  const message = `This kind of account cannot ${what}. Ask for a model of an account that can.`;
  throw new GatewayError('unsupported', message, { provider: id, param: 'model' });
}

type ReplyState = 'running' | 'ended' | 'broken';

function createCutError(provider: string): GatewayError {
  return new GatewayError('upstream', 'The upstream closed the connection in the middle of its answer.', { provider });
}

/** Takes down what a batch tells; what became of the reply, or undefined while it goes on. */
function readBatch(batch: EventBatch, record: RequestRecord): ReplyState | undefined {
  let state: ReplyState | undefined;
  for (const event of batch) {
    switch (event.type) {
      case 'reply-start':
        if (event.model !== undefined) record.update({ modelUsed: event.model });
        break;
      case 'usage':
        record.update({ usage: event.usage });
        break;
      case 'reply-end':
        state = 'ended';
        record.update({ finishReason: event.finishReason.raw ?? event.finishReason.kind });
        break;
      case 'error':
        state = 'broken';
        break;
      default:
    }
  }
  return state;
}
