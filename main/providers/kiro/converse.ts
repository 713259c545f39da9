// Joins what writes, calls and reads into one reply: the client's name of a model becomes Kiro's, the settings of the account
// become those of the request.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { estimateInputTokens } from '../../canonical/estimate.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { Logger } from '../../util/logger.ts';
import type { AttemptContext } from '../context.ts';
import type { CallKiro, KiroCall, WrittenCall } from './call.ts';
import { readKiroFailure } from './errors.ts';
import { ID } from './formats.ts';
import { KNOWN_MODELS } from './model-table.ts';
import type { KiroModels, ResolvedModel } from './models.ts';
import { type CallOptions, chooseFirstTokenMs, readCallOptions } from './options.ts';
import { writeKiroRequest } from './request.ts';
import { answerWithSearch, canOfferSearch } from './searching.ts';
import type { createKiroStreamReader as CreateKiroStreamReader } from './stream.ts';
import { createTruncationMemory, type TruncationMemory } from './truncation.ts';
import type { SearchWeb } from './web-search.ts';

/** What replies are made with. */
export interface ConverseServices {
  readonly call: CallKiro;
  readonly models: KiroModels;
  readonly search: SearchWeb;
  readonly logger: Logger;
}

/** Answers requests. */
export type Converse = (request: ConversationRequest, context: AttemptContext) => EventStream;

/** The calls for conversations; remembers what was cut of an account's answers. */
export function createConverse({ call, models, search, logger }: ConverseServices): Converse {
  const cuts = new Map<string, TruncationMemory>();
  const unknown = new Set<string>();
  const onUnknown = (event: string) => {
    if (unknown.has(event)) return;
    unknown.add(event);
    logger.warn(`Kiro sent an event that is not known here: ${event}. It was left out.`);
  };

  return async function* converse(request, context) {
    const { account } = context.credential;
    const options = readCallOptions(account);
    // Amazon's codec takes long to load, and who has no such account never needs it.
    const { createKiroStreamReader: createReader } = await import('./stream.ts');
    const resolved = await models.resolve(request.model, context);
    if (resolved.id !== request.model) context.note(`The model "${request.model}" is "${resolved.id}" at Kiro.`);
    const truncations = cuts.get(account.id) ?? createTruncationMemory();
    cuts.set(account.id, truncations);
    const told = { note: context.note, onUnknown };
    const ask = (asked: ConversationRequest) =>
      call(writePlan(asked, resolved, options, { account: account.id, truncations, createReader, ...told }), context);
    const named = nameModel(request, resolved);
    const reply =
      options.searchesWeb && canOfferSearch(request) ? answerWithSearch(named, { ask, search, context }) : ask(named);
    yield* tellCost(reply, context.note);
  };
}

/** What a reply has cost goes on the log: no dialect has a field for it. */
async function* tellCost(reply: EventStream, note: (text: string) => void): EventStream {
  for await (const batch of reply) {
    const end = batch.at(-1);
    if (end?.type !== 'reply-end' || end.metadata?.[ID] === undefined) {
      yield batch;
      continue;
    }
    const { [ID]: own, ...others } = end.metadata;
    const { credits, creditUnit = 'credit', contextPercentage } = own;
    if (typeof credits === 'number') note(`Kiro charged ${round(credits)} ${creditUnit}s for this reply.`);
    if (typeof contextPercentage === 'number') note(`It filled ${round(contextPercentage)} % of the model's window.`);
    const { metadata: _, ...bare } = end;
    yield [...batch.slice(0, -1), Object.keys(others).length === 0 ? bare : { ...bare, metadata: others }];
  }
}

const round = (amount: number) => Math.round(amount * 10_000) / 10_000;

/** The request with Kiro's name of its model, and the effort that stood in the client's name. */
function nameModel(request: ConversationRequest, { id, effort }: ResolvedModel): ConversationRequest {
  const named = { ...request, model: id };
  if (effort === undefined || request.reasoning?.effort !== undefined) return named;
  return { ...named, reasoning: { ...request.reasoning, effort } };
}

interface Around {
  readonly account: string;
  readonly truncations: TruncationMemory;
  readonly createReader: typeof CreateKiroStreamReader;
  note(text: string): void;
  onUnknown(event: string): void;
}

function writePlan(
  request: ConversationRequest,
  { id, model }: ResolvedModel,
  options: CallOptions,
  { account, truncations, createReader, note, onUnknown }: Around,
): KiroCall {
  const { mayTrim, reasoningForm, emulatedReasoning } = options;
  const sizes = new Map<WrittenCall, number>();
  /** The largest body that may be sent; halved when the upstream has refused one as too large. */
  let { mostBytes } = options;
  let lastBytes = mostBytes;
  return {
    mayTrim,
    firstTokenMs: chooseFirstTokenMs(options, id),
    write: ({ style, profileArn }, { trimmed, ...changes }) => {
      if (trimmed && mostBytes === options.mostBytes) mostBytes = Math.floor(lastBytes / 2);
      const written = writeKiroRequest(request, {
        flavour: style.flavour,
        ...(profileArn === undefined ? {} : { profileArn }),
        fieldsSchema: model?.fieldsSchema,
        ...(emulatedReasoning === undefined ? {} : { emulatedReasoning }),
        ...changes,
        size: { mostBytes, trim: mayTrim },
        account,
        truncations,
        note,
      });
      lastBytes = Buffer.byteLength(written.text);
      const made: WrittenCall = {
        text: written.text,
        settle: written.settle,
        createReader: () =>
          createReader({
            names: written.names,
            tools: written.tools,
            ...(written.emulatesReasoning ? { reasoning: reasoningForm } : {}),
            contextTokens: (answering) => findWindow(answering, model),
            estimateInputTokens: () => estimateInputTokens(request),
            truncations,
            onUnknown,
          }),
      };
      sizes.set(made, lastBytes);
      return made;
    },
    readRefusal: (response, text, written) =>
      readKiroFailure(response, text, { model: id, bytes: sizes.get(written) ?? 0 }),
  };
}

/** The window of the model that answers, which may be another one than was asked: Kiro chooses for `auto`. */
function findWindow(answering: string | undefined, asked: ResolvedModel['model']): number | undefined {
  if (answering === undefined || answering === asked?.id) return asked?.contextTokens;
  return KNOWN_MODELS.find(({ id }) => id === answering)?.contextTokens ?? asked?.contextTokens;
}
