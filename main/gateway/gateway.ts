// The heart: one request from its plan to its last event. Who may be asked, who is asked after whom and what passes by are
// rooms of their own; here they are joined for every kind of request.
import type { QuotaMeter } from '../../shared/quota.ts';
import type { AttemptRules } from '../../shared/routing.ts';
import type { CompletionRequest } from '../canonical/completion.ts';
import type { ConversationRequest, ReasoningRequest } from '../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult } from '../canonical/embeddings.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { EventStream, Usage } from '../canonical/events.ts';
import type { ImageRequest, ImageResult } from '../canonical/images.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { AttemptContext, AttemptSession, SingleContext } from '../providers/context.ts';
import type { Provider } from '../providers/provider.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import { isOnceOnly } from './agent-route.ts';
import { type AttemptServices, askOnce, type CallProvider, openAttempt, watchSignal } from './attempt.ts';
import { type Seeking, seekAnswer } from './attempts.ts';
import { openBudget } from './budget.ts';
import { readConversation } from './conversation-key.ts';
import { followReply } from './follow-reply.ts';
import type { Pool, PoolWish } from './pool.ts';
import { readNeeds } from './read-needs.ts';
import { createHealthReports } from './report-health.ts';
import type { Asking, Candidate, RoutePlan } from './route-plan.ts';
import type { Router } from './router.ts';
import { createStory } from './story.ts';

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
  /** Told who answers, before anything of the answer is given out. */
  readonly onAnswer?: (who: Candidate) => void;
  /** As in `Asking`; an account that rests is asked all the same. */
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
  readonly accounts: AccountBook;
  readonly router: Router;
  readonly pool: Pool;
  /** How often and how long a request is tried, read for each. */
  readonly limits: () => AttemptRules;
  /** Takes what an answer told of an account's limits. */
  readonly learn?: (account: Account, meters: readonly QuotaMeter[]) => void;
}

/** A request on its way. */
type Way = Omit<Seeking, 'wish' | 'live'>;

/** A gateway over these accounts and providers. */
export function createGateway(services: GatewayServices): Gateway {
  const { accounts, router, redact, clock, pool } = services;
  const health = createHealthReports(accounts, clock);
  const seekers = { pool, accounts, health, clock };

  const bindMeter =
    ({ account }: Candidate) =>
    (meters: readonly QuotaMeter[]) =>
      services.learn?.(account, meters);

  const setOut = async (asking: Asking, { record, signal: client, isPlain = false }: RequestContext): Promise<Way> => {
    const limits = services.limits();
    const budget = openBudget(clock, limits.budgetMs, client);
    budget.start();
    try {
      // Who offers the model may have to be asked first, and may not say.
      const plan = await watchSignal(budget.signal).race(router.plan({ ...asking, isPlain }));
      return { plan, story: createStory(record, clock, plan.steps), limits, budget, client, isForced: isPlain };
    } catch (thrown) {
      budget.close();
      throw client.aborted ? readError(client.reason) : thrown;
    }
  };

  const stream = async function* (
    asking: Asking,
    readWish: () => PoolWish,
    call: CallStream,
    context: ConverseContext,
  ): EventStream {
    const { requestId, clientKey, signal: client, live, session, record, startedAt, onAnswer } = context;
    const way = await setOut(asking, context);
    const { plan, story, budget } = way;
    // Where there is nothing to choose, nothing need be recognised.
    const wish = plan.stages.some(({ members }) => members.length > 1) ? readWish() : {};
    const notes = createNotes(record, isOnceOnly(plan));
    try {
      const found = await seekAnswer(seekers, { ...way, wish, live }, async (candidate, patience) => {
        notes.begin();
        const meter = bindMeter(candidate);
        const attempt = { requestId, clientKey, signal: patience.signal, live, session, note: notes.add, meter };
        return openAttempt(services, candidate, call(plan.reasoning), attempt, {
          onSign: patience.sign,
          onContent: () => {
            budget.stop();
            record.update({ firstTokenMs: clock.uptime() - startedAt });
          },
          onUsage: (usage) => record.update({ usage }),
        });
      }).finally(notes.keep);
      yield* followReply({ pool, health, redact, clock }, found, { story, record, client, onAnswer });
    } finally {
      budget.close();
    }
  };

  const ask = async <Result extends { readonly model?: string; readonly usage?: Usage }>(
    model: string,
    call: CallProvider<SingleContext, Promise<Result>>,
    context: RequestContext,
  ): Promise<Result> => {
    const { requestId, clientKey, record, onAnswer } = context;
    const way = await setOut({ model, key: clientKey }, context);
    const { budget } = way;
    const notes = createNotes(record, false);
    try {
      const { answer, candidate, end } = await seekAnswer(
        seekers,
        { ...way, wish: {}, live: false },
        (each, { signal }) => {
          notes.begin();
          const attempt = { requestId, clientKey, signal, note: notes.add, meter: bindMeter(each) };
          return askOnce(services, each, call, attempt);
        },
      ).finally(notes.keep);
      end({ type: 'ok' });
      health.answered(candidate.account);
      if (answer.model !== undefined) record.update({ modelUsed: answer.model });
      if (answer.usage !== undefined) record.update({ usage: answer.usage });
      onAnswer?.(candidate);
      return answer;
    } finally {
      budget.close();
    }
  };

  return {
    converse: (request, context) => {
      const { clientKey, session } = context;
      const asking = { model: request.model, key: clientKey, needs: readNeeds(request) };
      const wish = () => readConversation(request, { clientKey, sessionId: session?.id });
      const call: CallStream = (reasoning) => (provider, model, attempt) =>
        provider.converse({ ...request, model, ...(reasoning && { reasoning }) }, attempt);
      return stream(asking, wish, call, context);
    },
    complete: (request, context) => {
      const call: CallStream = () => (provider, model, attempt) =>
        provider.complete?.({ ...request, model }, attempt) ?? refuse(provider, 'continue a text: it only converses');
      return stream({ model: request.model, key: context.clientKey }, () => ({}), call, context);
    },
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

/** How a provider is asked, once it is known how much is to be thought. */
type CallStream = (reasoning: ReasoningRequest | undefined) => CallProvider<AttemptContext, EventStream>;

/** Sentences on what was changed: those of the last attempt count, as nobody has seen anything of the others. */
function createNotes(record: RequestRecord, atOnce: boolean) {
  let waiting: string[] | undefined;
  return {
    begin: () => {
      if (!atOnce) waiting = [];
    },
    add: (text: string) => void (waiting === undefined ? record.note(text) : waiting.push(text)),
    keep: () => {
      for (const text of waiting ?? []) record.note(text);
      waiting = undefined;
    },
  };
}

function refuse({ id }: Provider, what: string): never {
  const message = `This kind of account cannot ${what}. Ask for a model of an account that can.`;
  throw new GatewayError('unsupported', message, { provider: id, param: 'model' });
}
