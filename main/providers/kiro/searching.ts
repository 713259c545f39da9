// A reply in which the model may search the web: its searches are answered here and the model is asked on, all within the one
// reply that the client sees. A search that fails is told to the model and breaks nothing.
import type { ConversationRequest, JsonObject, Tool } from '../../canonical/conversation.ts';
import { readError } from '../../canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { EventStream, FinishReason } from '../../canonical/events.ts';
import type { CallContext } from '../context.ts';
import { ID } from './formats.ts';
import { addSpending, createSearchRound, type SearchCall, type SearchRound, type Spending } from './search-round.ts';
import type { SearchResult, SearchWeb } from './web-search.ts';

/** What a search is offered and called as. */
const NAME = 'web_search';
const TOOL: Tool = {
  name: NAME,
  description:
    'Searches the web and returns titles, addresses and excerpts. Use it for what may have changed since your training, and name the addresses that you rely on.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What to search for, in a few words.' } },
    required: ['query'],
  },
};
/** Each is another request to the model. */
const MOST_ROUNDS = 4;
const MOST_RESULTS = 10;
const MOST_SNIPPET = 2_000;

/** Whether a search can be offered: the client has no tool of that name, and lets the model call some. */
export function canOfferSearch({ tools = [], toolChoice }: ConversationRequest): boolean {
  if (toolChoice !== undefined && toolChoice.type !== 'auto') return false;
  return !tools.some(({ name }) => name.toLowerCase() === NAME);
}

/** What a reply with searches needs. */
export interface Searching {
  /** One reply of the model's. */
  ask(request: ConversationRequest): EventStream;
  readonly search: SearchWeb;
  readonly context: CallContext & { note(text: string): void };
}

/** One reply to `request`, however many searches it takes. */
export async function* answerWithSearch(request: ConversationRequest, searching: Searching): EventStream {
  const { ask, context } = searching;
  const writer = createEventWriter();
  const total: Spending = { credits: 0 };
  let current: ConversationRequest = { ...request, tools: [...(request.tools ?? []), TOOL] };
  for (let round = 1; ; round += 1) {
    const reply = createSearchRound(writer, NAME, round);
    yield* readRound(ask(current), reply, writer, round === 1);
    addSpending(total, reply);
    const { searches, finish } = reply;
    if (finish === undefined || searches.length === 0 || reply.callsClient || round > MOST_ROUNDS) {
      if (finish !== undefined) end(writer, total, reply, finish, context.note);
      const rest = writer.take();
      if (rest.length > 0) yield rest;
      return;
    }
    const results = await Promise.all(searches.map((call) => runSearch(call, searching)));
    for (const { shown } of results) writer.reasoning(shown);
    writer.endBlock();
    yield writer.take();
    current = continueWith(current, reply, results, round < MOST_ROUNDS);
  }
}

interface Searched {
  readonly call: SearchCall;
  /** For the model. */
  readonly text: string;
  readonly isError: boolean;
  /** For the person. */
  readonly shown: string;
}

async function runSearch(call: SearchCall, { search, context }: Searching): Promise<Searched> {
  const query = readQuery(call.pieces.join(''));
  if (query === undefined) {
    return {
      call,
      text: 'The search needs a text as "query".',
      isError: true,
      shown: 'Searched the web for nothing.\n',
    };
  }
  try {
    const found = (await search(query, context)).slice(0, MOST_RESULTS);
    context.note(`Patchbay answered the model's web search through Kiro: “${query}”, ${found.length} results.`);
    const lines = found.map(({ title, url }) => `- ${title} (${url})\n`);
    const shown = `Searched the web for “${query}”:\n${lines.join('') || 'Nothing was found.\n'}`;
    return { call, text: describe(found), isError: false, shown };
  } catch (thrown) {
    const error = readError(thrown);
    if (context.signal.aborted) throw error;
    context.note(`The model's web search failed: ${error.message}`);
    const shown = `Searched the web for “${query}”, without success.\n`;
    return { call, text: `The search failed: ${error.message}`, isError: true, shown };
  }
}

function readQuery(text: string): string | undefined {
  try {
    const { query } = JSON.parse(text) as { query?: unknown };
    return typeof query === 'string' && query.trim() !== '' ? query.trim() : undefined;
  } catch {
    return undefined;
  }
}

function describe(found: readonly SearchResult[]): string {
  if (found.length === 0) return 'Nothing was found.';
  return found
    .map(({ title, url, snippet = '', publishedAt }, at) => {
      const date = publishedAt === undefined ? '' : ` (${new Date(publishedAt).toISOString().slice(0, 10)})`;
      return `${at + 1}. ${title}${date}\n${url}\n${snippet.slice(0, MOST_SNIPPET)}`;
    })
    .join('\n\n');
}

/** One round of the model's, but for its searches and its end. A failure of a later round breaks the reply that has begun. */
async function* readRound(events: EventStream, reply: SearchRound, writer: EventWriter, isFirst: boolean): EventStream {
  try {
    for await (const batch of events) {
      for (const event of batch) reply.read(event);
      const passed = writer.take();
      if (passed.length > 0) yield passed;
    }
  } catch (thrown) {
    if (isFirst) throw thrown;
    writer.fail(readError(thrown));
  }
}

function end(
  writer: EventWriter,
  { usage, credits }: Spending,
  { searches, callsClient, metadata }: SearchRound,
  finish: FinishReason,
  note: (text: string) => void,
): void {
  if (usage !== undefined) writer.usage(usage);
  const own: JsonObject = { ...metadata?.[ID], ...(credits > 0 ? { credits } : {}) };
  const told = metadata === undefined ? undefined : { ...metadata, [ID]: own };
  if (searches.length === 0) {
    writer.end(finish, told);
    return;
  }
  note(
    callsClient
      ? 'The model wanted to search the web beside calling tools of the client; only the calls went on.'
      : `The model wanted to search the web more than ${MOST_ROUNDS} times; the reply was ended there.`,
  );
  writer.end(callsClient ? finish : { kind: 'other', raw: 'too_many_searches' }, told);
}

/** The conversation with the searches and what they found; without further searches once there were enough. */
function continueWith(
  request: ConversationRequest,
  { text }: SearchRound,
  results: readonly Searched[],
  offersMore: boolean,
): ConversationRequest {
  const said = text.join('');
  return {
    ...request,
    tools: offersMore ? request.tools : request.tools?.filter((tool) => tool !== TOOL),
    messages: [
      ...request.messages,
      {
        role: 'assistant',
        parts: [
          ...(said === '' ? [] : [{ type: 'text', text: said } as const]),
          ...results.map(({ call }) => ({
            type: 'tool-call' as const,
            id: call.id,
            name: NAME,
            arguments: call.pieces.join('') || '{}',
          })),
        ],
      },
      {
        role: 'tool',
        parts: results.map(({ call, text: found, isError }) => ({
          type: 'tool-result' as const,
          toolCallId: call.id,
          name: NAME,
          parts: [{ type: 'text' as const, text: found }],
          ...(isError ? { isError: true } : {}),
        })),
      },
    ],
  };
}
