// Kimi's own web search: offered to the model as a function that Kimi runs. A call of it is only a receipt, which is handed
// back as it came; the client sees one reply, however many searches it took.
import type {
  AssistantMessage,
  ConversationRequest,
  JsonObject,
  Metadata,
  Tool,
} from '../../canonical/conversation.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { ConversationEvent, EventStream, FinishReason, Usage } from '../../canonical/events.ts';
import type { Family } from './families.ts';
import type { KimiAccount } from './options.ts';

/** What the search is offered and called as. */
const NAME = '$web_search';

/** The function as it is declared. */
export const SEARCH_TOOL: Tool = { name: NAME, metadata: { openai: { type: 'builtin_function' } } };

/** Each is another request. */
const MOST_ROUNDS = 5;

/** Whether the search can be offered with this request; says why not where the account wants it. */
export function canSearch(
  { reasoning, toolChoice, metadata }: ConversationRequest,
  { thinking }: Family,
  { region, rawTools, wire }: KimiAccount,
  note: (text: string) => void,
): boolean {
  const own = metadata?.openai?.fields as JsonObject | undefined;
  const asksToThink =
    reasoning?.enabled === true ||
    (reasoning?.effort !== undefined && reasoning.effort !== 'none' && reasoning.enabled !== false) ||
    (own?.thinking as JsonObject | undefined)?.type === 'enabled';
  const why =
    region !== 'international' && region !== 'china'
      ? 'only Kimi’s pay-as-you-go platform has it'
      : rawTools || wire !== 'openai'
        ? 'only the OpenAI-shaped API has it'
        : thinking === 'always' || thinking === 'effort' || (thinking === 'switch' && asksToThink)
          ? 'the model cannot search while it thinks'
          : toolChoice !== undefined && toolChoice.type !== 'auto'
            ? 'the client says which tools are to be called'
            : undefined;
  if (why !== undefined) note(`Web search was not offered: ${why}.`);
  return why === undefined;
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly metadata: Metadata | undefined;
  text: string;
}

/** One reply to `request`, whose tools hold the search already. */
export async function* answerWithSearch(
  request: ConversationRequest,
  ask: (request: ConversationRequest) => EventStream,
  note: (text: string) => void,
): EventStream {
  const writer = createEventWriter();
  let current = request;
  let usage: Usage | undefined;
  for (let round = 1; ; round += 1) {
    const heard = createRound(writer, round);
    for await (const batch of ask(current)) {
      for (const event of batch) heard.read(event);
      const read = writer.take();
      if (read.length > 0) yield read;
    }
    usage = addUsage(usage, heard.usage);
    const { finish, searches } = heard;
    if (finish === undefined) return;
    const goesOn = searches.length > 0 && !heard.callsClient && round <= MOST_ROUNDS;
    if (searches.length > 0) note(`The model searched the web${readTokens(searches)}.`);
    if (!goesOn) {
      if (usage !== undefined) writer.usage(usage);
      // A search beside a call of the client's is lost: the client cannot hand it back.
      const kind = finish.kind === 'tool-calls' && !heard.callsClient ? 'other' : finish.kind;
      writer.end({ ...finish, kind }, heard.metadata);
      yield writer.take();
      return;
    }
    current = continueWith(current, heard.text.join(''), searches, round < MOST_ROUNDS);
  }
}

function createRound(writer: EventWriter, round: number) {
  const held = new Map<number, Call>();
  const state = {
    searches: [] as Call[],
    callsClient: false,
    text: [] as string[],
    usage: undefined as Usage | undefined,
    finish: undefined as FinishReason | undefined,
    metadata: undefined as ConversationRequest['metadata'],
  };
  const read = (event: ConversationEvent) => {
    switch (event.type) {
      case 'reply-start': {
        const { type: _, ...head } = event;
        return writer.start(head);
      }
      case 'text-delta':
        state.text.push(event.text);
        return writer.text(event.text);
      case 'reasoning-delta':
        return writer.reasoning(event.text);
      case 'tool-call-start': {
        const { block, id, name, metadata } = event;
        if (name === NAME) {
          const call = { id, name, metadata, text: '' };
          held.set(block, call);
          state.searches.push(call);
          return;
        }
        state.callsClient = true;
        return writer.toolCall(`${round}.${block}`, { id, name, metadata });
      }
      case 'tool-call-delta': {
        const call = held.get(event.block);
        if (call === undefined) return writer.toolArguments(`${round}.${event.block}`, event.text);
        call.text += event.text;
        return;
      }
      case 'tool-call-end':
        return held.has(event.block) ? undefined : writer.endToolCall(`${round}.${event.block}`);
      case 'usage':
        state.usage = event.usage;
        return;
      case 'error':
        return writer.fail(event.error);
      case 'reply-end':
        state.finish = event.finishReason;
        state.metadata = event.metadata;
        return;
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
      case 'reasoning-end':
        return;
      default:
        return event satisfies never;
    }
  };
  return Object.assign(state, { read });
}

/** The conversation with the searches and their receipts behind it. */
function continueWith(
  request: ConversationRequest,
  text: string,
  searches: readonly Call[],
  mayGoOn: boolean,
): ConversationRequest {
  const calls = searches.map(({ id, name, metadata, text: said }) => {
    return { type: 'tool-call', id, name, arguments: said, metadata } as const;
  });
  const said: AssistantMessage['parts'] = text === '' ? calls : [{ type: 'text', text }, ...calls];
  const results = searches.map(({ id, name, text: receipt }) => {
    return { type: 'tool-result', toolCallId: id, name, parts: [{ type: 'text', text: receipt }] } as const;
  });
  const rest = request.tools?.filter(({ name }) => name !== NAME) ?? [];
  return {
    ...request,
    messages: [...request.messages, { role: 'assistant', parts: said }, { role: 'tool', parts: results }],
    tools: mayGoOn ? request.tools : rest.length === 0 ? undefined : rest,
  };
}

/** What the receipts say of the tokens that the searches brought. */
function readTokens(searches: readonly Call[]): string {
  const counts = searches.map(({ text }) => {
    const tokens = /"total_tokens"\s*:\s*(\d+)/.exec(text)?.[1];
    return tokens === undefined ? 0 : Number(tokens);
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? '' : `: ${total} tokens of what was found`;
}

function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const sum = (name: Exclude<keyof Usage, 'estimated'>) =>
    one[name] === undefined && other[name] === undefined ? {} : { [name]: (one[name] ?? 0) + (other[name] ?? 0) };
  return { ...sum('inputTokens'), ...sum('cachedInputTokens'), ...sum('outputTokens'), ...sum('reasoningTokens') };
}
