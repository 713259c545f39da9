// One try at one candidate: opens its credential, calls its provider, and waits until the reply has begun for good.
import { GatewayError, readError } from '../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream } from '../canonical/events.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { AttemptContext, SingleContext } from '../providers/context.ts';
import type { Provider } from '../providers/provider.ts';
import type { Candidate } from './route-plan.ts';

/** A reply that has begun. */
export interface Attempt {
  /** Everything up to the first content. */
  readonly first: EventBatch;
  /** What follows. */
  readonly rest: AsyncIterator<EventBatch>;
}

/** What an attempt needs. */
export interface AttemptServices {
  readonly accounts: AccountBook;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Removes secrets from what an upstream said: some repeat the key that they refuse. */
  readonly redact: (text: string) => string;
}

/** Asks a provider with its own name of the model. */
export type CallProvider<Context, Answer> = (provider: Provider, model: string, context: Context) => Answer;

/**
 * Resolves when the candidate has said its first content (or has ended without any). Throws `GatewayError`, naming the
 * account, for every failure before: until then nothing has reached the client and another candidate could serve.
 */
export async function openAttempt(
  { accounts, providers, redact }: AttemptServices,
  { account, model }: Candidate,
  call: CallProvider<AttemptContext, EventStream>,
  context: Omit<AttemptContext, 'credential'>,
): Promise<Attempt> {
  const provider = findProvider(providers, account.provider);
  let stream: AsyncIterator<EventBatch> | undefined;
  try {
    const credential = await accounts.openCredential(account.id);
    stream = call(provider, model, { ...context, credential })[Symbol.asyncIterator]();
    let first: EventBatch = [];
    for (;;) {
      const { done, value } = await stream.next();
      if (done) break;
      first = first.length === 0 ? value : [...first, ...value];
      if (value.some(isContent)) break;
    }
    const failed = first.find((event) => event.type === 'error');
    // Whatever came with it has not reached the client: a true status is worth more than half a sentence.
    if (failed !== undefined) {
      // The provider waits behind its error event: told to stop, it lets go of an upstream that may still be sending.
      await stream.return?.();
      throw failed.error;
    }
    if (first.length === 0) {
      throw new GatewayError('upstream', 'The upstream closed the connection without an answer.', {
        provider: account.provider,
      });
    }
    return { first, rest: stream };
  } catch (thrown) {
    // An upstream that has reported its failure may still hold the connection open.
    await stream?.return?.();
    throw nameAccount(readFailure(thrown), account.name, redact);
  }
}

/** The candidate's answer in one piece. Throws `GatewayError`, naming the account. */
export async function askOnce<Result>(
  { accounts, providers, redact }: AttemptServices,
  { account, model }: Candidate,
  call: CallProvider<SingleContext, Promise<Result>>,
  context: Omit<SingleContext, 'credential'>,
): Promise<Result> {
  const provider = findProvider(providers, account.provider);
  try {
    const credential = await accounts.openCredential(account.id);
    return await call(provider, model, { ...context, credential });
  } catch (thrown) {
    throw nameAccount(readFailure(thrown), account.name, redact);
  }
}

function findProvider(providers: AttemptServices['providers'], id: string): Provider {
  const provider = providers.get(id);
  if (provider === undefined) throw new GatewayError('internal', `Unknown provider: ${id}`);
  return provider;
}

/** `JSON.parse` takes what a provider's `JSON.stringify` then cannot write again: the one exhausts the stack, the other not. */
function readFailure(thrown: unknown): GatewayError {
  if (!(thrown instanceof RangeError && thrown.message.includes('call stack'))) return readError(thrown);
  return new GatewayError('invalid-request', 'The request is nested too deeply to be passed on.', { cause: thrown });
}

/** The error with the account's name before its message, so that the person knows whose words they read; no secret in it. */
export function nameAccount(error: GatewayError, name: string, redact: (text: string) => string): GatewayError {
  if (error.kind === 'aborted' || error.kind === 'internal') return error;
  const { kind, message, retryable, retryAfterMs, status, code, param, provider } = error;
  const details = { retryable, retryAfterMs, status, code, param, provider, cause: error };
  return new GatewayError(kind, `${name}: ${redact(message)}`, details);
}

function isContent({ type }: ConversationEvent): boolean {
  switch (type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-call-start':
    case 'reply-end':
    case 'error':
      return true;
    default:
      return false;
  }
}
