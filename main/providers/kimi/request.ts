// Makes a client's request one that Kimi takes: every rule of its families in one place, each change noted. What comes out is
// still canonical; the surfaces write it in their own shapes.
import type { ConversationRequest, JsonObject, ResponseFormat } from '../../canonical/conversation.ts';
import type { AttemptContext } from '../context.ts';
import type { FetchImage } from '../kit/image-delivery.ts';
import { type Family, findFamily } from './families.ts';
import { inlineImages } from './images.ts';
import { createWords, isPartial, markBeginning, writeMessages } from './messages.ts';
import type { KimiAccount } from './options.ts';
import { writeSampling } from './sampling.ts';
import { chooseThinking, type Thinking, writeThinking } from './thinking.ts';
import { writeKimiSchema } from './tool-schema.ts';
import { createToolNames, type ToolNames, writeTools } from './tools.ts';
import { canSearch, SEARCH_TOOL } from './web-search.ts';

/** A request that is ready to be written. */
export interface Prepared {
  readonly request: ConversationRequest;
  readonly names: ToolNames;
  readonly thinking: Thinking;
  /** The reply goes on where the last message ends. */
  readonly partial: boolean;
  /** The model was offered Kimi's own search. */
  readonly searches: boolean;
}

/** The request by the rules of its model and account. Throws `GatewayError` for a picture that cannot be had. */
export async function prepareRequest(
  request: ConversationRequest,
  account: KimiAccount,
  fetchImage: FetchImage,
  context: Pick<AttemptContext, 'signal' | 'credential' | 'note' | 'session'>,
): Promise<Prepared> {
  const { note } = context;
  const family = findFamily(request.model);
  const names = createToolNames(listNames(request));
  const searches = account.searchesWeb && canSearch(request, family, account, note);
  const thinking: Thinking = searches ? { state: 'off' } : chooseThinking(request, family, account, note);
  const { tools, toolChoice, words } = writeTools(request, { names, family, account }, note);
  const thinks = family.thinking !== 'none' && family.thinking !== 'unknown';
  const written = writeMessages(request, { names, thinking: thinking.state, thinks }, note);
  const partial = isPartial(request);
  const begun = partial ? markBeginning(written) : written;
  const { baseUrl } = account;
  const messages =
    account.region === undefined ? begun : await inlineImages({ messages: begun }, { fetchImage, baseUrl, context });
  return {
    names,
    thinking,
    partial,
    searches,
    request: {
      ...request,
      ...writeSampling(request, family, account, note),
      messages: words === undefined ? messages : [...messages, createWords(words)],
      tools: searches ? [...(tools ?? []), SEARCH_TOOL] : tools,
      toolChoice,
      responseFormat: writeFormat(request.responseFormat, partial, account, note),
      reasoning: writeReasoning(request, thinking, account),
      metadata: writeFields(request, context, { family, account, thinking, partial }),
    },
  };
}

/** On the OpenAI-shaped API all but the effort is said in fields of its own. */
function writeReasoning(
  { reasoning }: ConversationRequest,
  { effort }: Thinking,
  { wire, region }: KimiAccount,
): ConversationRequest['reasoning'] {
  if (wire === 'anthropic') return reasoning;
  return effort === undefined || region === undefined ? undefined : { effort };
}

function listNames({ tools = [], messages }: ConversationRequest): string[] {
  const called = messages.flatMap((message) =>
    message.role === 'assistant' ? message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])) : [],
  );
  return [...tools.map(({ name }) => name), ...called];
}

function writeFormat(
  format: ResponseFormat | undefined,
  partial: boolean,
  { region }: KimiAccount,
  note: (text: string) => void,
): ResponseFormat | undefined {
  if (partial && format !== undefined && format.type !== 'text') {
    note('The form of the answer was left out: Kimi takes none together with the beginning of the answer.');
    return undefined;
  }
  if (format?.type !== 'json-schema' || region === undefined) return format;
  return { ...format, schema: writeKimiSchema(format.schema) };
}

interface FieldRules {
  readonly family: Family;
  readonly account: KimiAccount;
  readonly thinking: Thinking;
  readonly partial: boolean;
}

/** The fields of the OpenAI-shaped body that the hub has no word for. */
function writeFields(
  { metadata }: ConversationRequest,
  { session }: Pick<AttemptContext, 'session'>,
  { family, account, thinking, partial }: FieldRules,
): ConversationRequest['metadata'] {
  const own = metadata?.openai;
  const isOwnEngine = account.region === undefined;
  const said = own?.fields as JsonObject | undefined;
  const added: JsonObject = {
    ...writeThinking(thinking, family, account),
    // Without a name for the conversation, its cache is found by its text alone.
    ...(session === undefined || isOwnEngine || said?.prompt_cache_key !== undefined
      ? undefined
      : { prompt_cache_key: session.id }),
    // What engines call the partial mode.
    ...(partial && isOwnEngine ? { continue_final_message: true, add_generation_prompt: false } : undefined),
  };
  const maxTokensField = isOwnEngine ? 'max_tokens' : 'max_completion_tokens';
  const template = { ...(said?.chat_template_kwargs as JsonObject), ...(added.chat_template_kwargs as JsonObject) };
  const fields = {
    ...said,
    ...added,
    ...(Object.keys(template).length === 0 ? undefined : { chat_template_kwargs: template }),
  };
  return { ...metadata, openai: { ...own, fields, maxTokensField } };
}
