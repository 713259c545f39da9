// One try at one candidate: opens its credential, calls its provider, and waits until the reply has begun for good. Whether
// there is another try is decided elsewhere.
import { GatewayError, readError } from '../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream, Usage } from '../canonical/events.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { AttemptContext, SingleContext } from '../providers/context.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from '../util/clock.ts';
import type { Candidate } from './route-plan.ts';

/** A reply that has begun. */
export interface Attempt {
  /** Everything up to the first content; the whole reply where nobody wants it live. */
  readonly first: EventBatch;
  /** What follows. */
  readonly rest: AsyncIterator<EventBatch>;
}

/** What an attempt needs. */
export interface AttemptServices {
  readonly accounts: Pick<AccountBook, 'openCredential'>;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Removes secrets from what an upstream said: some repeat the key that they refuse. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/** Who is told what while an attempt is being made. */
export interface AttemptWatch {
  /** Something has come. */
  onSign(): void;
  /** The first content has come. */
  onContent(): void;
  /** It has failed, and what it had counted by then was spent. */
  onUsage(usage: Usage): void;
}

/** Asks a provider with its own name of the model. */
export type CallProvider<Context, Answer> = (provider: Provider, model: string, context: Context) => Answer;

/** Upstreams that were told to stop may take so long to let go. */
export const LET_GO_MS = 5_000;

/**
 * Resolves when the candidate has said its first content (or has ended without any), and where nobody wants the reply live
 * when it is whole. Throws `GatewayError` without secrets for every
 * failure before: until then nothing has reached the client and another candidate could serve. Never outlasts the signal.
 */
export async function openAttempt(
  { accounts, providers, redact, clock }: AttemptServices,
  { account, model }: Candidate,
  call: CallProvider<AttemptContext, EventStream>,
  context: Omit<AttemptContext, 'credential'>,
  { onSign, onContent, onUsage }: AttemptWatch,
): Promise<Attempt> {
  const { signal, live } = context;
  const first: ConversationEvent[] = [];
  let stream: AsyncIterator<EventBatch> | undefined;
  try {
    const provider = findProvider(providers, account.provider);
    const watch = watchSignal(signal);
    const credential = await watch.race(accounts.openCredential(account.id));
    stream = call(provider, model, { ...context, credential })[Symbol.asyncIterator]();
    let hasContent = false;
    for (;;) {
      const { done, value } = await watch.race(stream.next());
      if (done) throw createCutError(account.provider, first.length > 0);
      onSign();
      for (const event of value) first.push(event);
      // Whatever came with it has not reached the client: a true status is worth more than half a sentence.
      const failed = value.find((event) => event.type === 'error');
      if (failed !== undefined) throw failed.error;
      if (!hasContent && value.some(isContent)) {
        hasContent = true;
        onContent();
      }
      if (hasContent && (live || value.some(({ type }) => type === 'reply-end'))) return { first, rest: stream };
    }
  } catch (thrown) {
    // An upstream that has reported its failure may still hold the connection open.
    await letGo(stream, clock);
    const spent = first.findLast((event) => event.type === 'usage');
    if (spent !== undefined) onUsage(spent.usage);
    throw cleanError(readFailure(thrown), redact);
  }
}

/** The candidate's answer in one piece. Throws `GatewayError` without secrets; never outlasts the signal. */
export async function askOnce<Result>(
  { accounts, providers, redact }: AttemptServices,
  { account, model }: Candidate,
  call: CallProvider<SingleContext, Promise<Result>>,
  context: Omit<SingleContext, 'credential'>,
): Promise<Result> {
  try {
    const provider = findProvider(providers, account.provider);
    const watch = watchSignal(context.signal);
    const credential = await watch.race(accounts.openCredential(account.id));
    return await watch.race(call(provider, model, { ...context, credential }));
  } catch (thrown) {
    throw cleanError(readFailure(thrown), redact);
  }
}

/** Tells an upstream to stop; resolves when it has, well or badly, and soon where it hears nothing. Never throws. */
export async function letGo(stream: AsyncIterator<EventBatch> | undefined, clock: Clock): Promise<void> {
  if (stream?.return === undefined) return;
  const closed = (async () => stream.return?.())().catch(() => {});
  let cancel = () => {};
  const enough = new Promise<void>((resolve) => {
    cancel = clock.schedule(resolve, LET_GO_MS);
  });
  await Promise.race([closed, enough]);
  cancel();
}

/** What an upstream that went away owes. */
export function createCutError(provider: string, hasBegun: boolean): GatewayError {
  const how = hasBegun ? 'in the middle of its answer' : 'without an answer';
  return new GatewayError('upstream', `The upstream closed the connection ${how}.`, { provider });
}

/** Not everybody listens to the signal: what is raced with it ends all the same. */
export function watchSignal(signal: AbortSignal) {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return { race: <Result>(work: Promise<Result>): Promise<Result> => Promise.race([work, aborted]) };
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

/** The error without secrets in what the upstream said. */
export function cleanError(error: GatewayError, redact: (text: string) => string): GatewayError {
  const message = redact(error.message);
  return message === error.message ? error : changeWords(error, message);
}

/** The error with the account's name before its message, so that the person knows whose words they read. */
export function nameAccount(error: GatewayError, name: string): GatewayError {
  if (error.kind === 'aborted' || error.kind === 'internal') return error;
  return changeWords(error, `${name}: ${error.message}`);
}

function changeWords(error: GatewayError, message: string): GatewayError {
  const { kind, retryable, retryAfterMs, status, code, param, provider } = error;
  return new GatewayError(kind, message, { retryable, retryAfterMs, status, code, param, provider, cause: error });
}

function isContent({ type }: ConversationEvent): boolean {
  switch (type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-call-start':
    case 'reply-end':
      return true;
    default:
      return false;
  }
}
