// One reply of K2-Think, from the canonical request to canonical events, by whichever upstream the account has.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { readError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { Account } from '../../credentials/credential.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import type { AttemptContext } from '../context.ts';
import { converseWithEmulatedTools } from '../kit/emulated-tools/converse.ts';
import { meterAnswer } from '../kit/rate-limits.ts';
import type { ReasoningHandling } from '../kit/reasoning-splitter.ts';
import type { ProviderServices } from '../provider.ts';
import type { OpenCall } from './calls.ts';
import { readRefusal } from './errors.ts';
import { readAskedModel } from './model-names.ts';
import type { K2Models } from './models.ts';
import { type CreateWords, createReplyReader, isReceipt, readWholeReply } from './reply-reader.ts';
import { createReplyWords } from './reply-words.ts';
import { noteLeftOut, writeMessages } from './request.ts';
import { findUpstream, type Upstream } from './upstreams.ts';

/** What replies are made with. */
export interface ConverseServices extends Pick<ProviderServices, 'limits' | 'logger' | 'toolCalls'> {
  readonly open: OpenCall;
  readonly models: Pick<K2Models, 'find'>;
}

const NOT_STREAMED = 'K2-Think sends no stream here; the answer came in one piece.';

/** The call of a `Provider`. Tools are asked for and read in words, as no upstream has any of its own. */
export function createConverse(services: ConverseServices) {
  const ask = createAsk(services);
  return async function* converse(request: ConversationRequest, context: AttemptContext): EventStream {
    const noted = new Set<string>();
    const note = (text: string) => {
      if (!noted.has(text)) context.note(text);
      noted.add(text);
    };
    const { account } = context.credential;
    noteLeftOut(request, findUpstream(account), note);
    const model = services.models.find(account.id, request.model);
    const handling = chooseHandling(request, account, readAskedModel(model).isQuiet, note);
    yield* converseWithEmulatedTools({
      request: { ...request, model },
      note,
      ask: (asked) => ask(asked, handling, { ...context, note }),
      report: (outcome) => services.toolCalls.record(account.id, model, outcome),
    });
  };
}

/** Thinking that stays in the answer could hold a call that the model only thinks of. */
function chooseHandling(
  { tools = [] }: ConversationRequest,
  { values }: Account,
  isQuiet: boolean,
  note: (text: string) => void,
): ReasoningHandling {
  if (isQuiet) return 'remove';
  const wanted = (values.reasoningShown ?? 'reasoning') as ReasoningHandling;
  if (tools.length === 0 || wanted === 'reasoning' || wanted === 'remove') return wanted;
  note('The thinking was told apart from the answer, as it must be where tools are called in words.');
  return 'reasoning';
}

/** One answer to a request without tools. */
function createAsk({ open, limits, logger }: ConverseServices) {
  /** Addresses that were found to send no streams. */
  const wholeOnly = new Set<string>();

  return async function* ask(
    request: ConversationRequest,
    handling: ReasoningHandling,
    context: AttemptContext,
  ): EventStream {
    const { live, note, credential } = context;
    const { account } = credential;
    const upstream = findUpstream(account);
    const { id: model } = readAskedModel(request.model);
    const url = upstream.chatUrl(account);
    const messages = writeMessages(request, note);
    const send = async (stream: boolean) => {
      const body = JSON.stringify(upstream.writeBody({ model, messages, request, stream }));
      const accept = stream ? 'text/event-stream,application/json' : 'application/json';
      const response = await open(upstream, { method: 'POST', url, accept, body, limits: limits() }, context);
      meterAnswer(response, context);
      return response;
    };
    const wantsStream = live && account.values.delivery !== 'whole';
    const streams =
      upstream.streams === 'always' || (upstream.streams === 'maybe' && wantsStream && !wholeOnly.has(url));
    const first = await readAnswer(await send(streams), streams, streams && upstream.streams === 'maybe');
    if (first === 'no stream') {
      wholeOnly.add(url);
      logger.info('K2-Think sends no streams here; answers are asked for whole from now on', { url });
    }
    const answer = first === 'no stream' ? await readAnswer(await send(false), false, false) : first;
    if (answer === 'no stream') return;
    if (typeof answer === 'string') {
      if (live) note(NOT_STREAMED);
      yield readWholeReply(answer, prepareWords(upstream, handling, false));
      return;
    }
    yield* readStream(answer, prepareWords(upstream, handling, wantsStream));
  };
}

/** The text of a whole answer, or the answer that is a stream. Throws `GatewayError` for a refusal. */
async function readAnswer(
  response: UpstreamResponse,
  asked: boolean,
  mayLack: boolean,
): Promise<string | UpstreamResponse | 'no stream'> {
  const isOk = response.status >= 200 && response.status <= 299;
  if (isOk && isStream(response, asked)) return response;
  const text = await response.text();
  if (isOk && !(mayLack && isReceipt(text))) return text;
  if (mayLack && (isOk || (response.status < 500 && /\bstream/i.test(text)))) return 'no stream';
  throw readRefusal(response, text);
}

/** Hosts behind other servers do not always say what a stream is. */
function isStream({ headers }: UpstreamResponse, asked: boolean): boolean {
  const type = String(headers['content-type'] ?? '');
  return type.startsWith('text/event-stream') || (asked && !/^(application\/json|text\/html)/.test(type));
}

/** What an upstream that writes its blocks anew has sent can only be shown as it is when it is complete. */
function prepareWords({ isCumulative }: Upstream, handling: ReasoningHandling, isLive: boolean): CreateWords {
  const isCollected = !isLive || (isCumulative && (handling === 'pass' || handling === 'strip-tags'));
  return (writer) =>
    createReplyWords({
      handling,
      isCumulative,
      isCollected,
      sayText: writer.text,
      sayReasoning: writer.reasoning,
    });
}

async function* readStream(response: UpstreamResponse, createWords: CreateWords): EventStream {
  const reader = createReplyReader(createWords);
  let broken: unknown;
  try {
    for await (const chunk of response.chunks) {
      const batch = reader.push(chunk);
      if (batch.length > 0) yield batch;
      if (reader.ended) return;
    }
  } catch (error) {
    broken = error;
  }
  const rest = reader.end(broken === undefined ? undefined : readError(broken));
  if (rest.length > 0) yield rest;
}
