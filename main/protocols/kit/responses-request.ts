// Reads bodies of OpenAI's Responses dialect, for every face that meets them. Written by hand rather than as a schema: it
// runs on every request, and what it does not know it keeps (`metadata.responses`) and tells of instead of refusing it.
import type {
  ConversationRequest,
  Json,
  JsonObject,
  Message,
  ReasoningRequest,
  ResponseFormat,
} from '../../canonical/conversation.ts';
import { asFlag, asListOrNone, asNumber, asObject, asString, asText, asTextOrNone, refuse } from './fields.ts';
import { createNoteBook, type NoteBook } from './note-book.ts';
import { type ItemServices, readItems } from './responses-items.ts';
import { type PlacedTool, readResponsesToolChoice, readResponsesTools, type ToolNames } from './responses-tools.ts';
import { readIncludeUsage } from './stream-options.ts';

/** A request and how it wants to be answered. */
export interface ResponsesRequest {
  readonly conversation: ConversationRequest;
  /** What `input` alone said, without instructions and without what went before. */
  readonly said: readonly Message[];
  /** The items of `input`, references resolved. */
  readonly items: readonly JsonObject[];
  readonly names: ToolNames;
  readonly stream: boolean;
  /** Chat completions' wish for the token counts of a stream, which Cursor adds. */
  readonly includeUsage: boolean;
  /** The client wants sealed thinking, to send it back. */
  readonly includeSealed: boolean;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** What goes before, and what the reader cannot know by itself. */
export interface ResponsesContext {
  /** The conversation that `input` goes on with. */
  readonly history?: readonly Message[];
  readonly findItem?: ItemServices['findItem'];
  /** A body that only asks for a count may leave the model out. */
  readonly withoutModel?: boolean;
}

/** Reads a parsed body. Throws `GatewayError` that names the field. */
export function readResponsesRequest(body: unknown, context: ResponsesContext = {}): ResponsesRequest {
  const {
    model,
    input,
    instructions,
    tools: givenTools,
    tool_choice: givenChoice,
    parallel_tool_calls: parallel,
    reasoning,
    text,
    max_output_tokens: maxOutputTokens,
    max_completion_tokens: maxCompletionTokens,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    include,
    stream,
    stream_options: streamOptions,
    metadata: _metadata,
    store,
    previous_response_id: _previous,
    ...others
  } = asObject(body, '');
  const notes = createNoteBook();
  // Whoever keeps the response reads it; a wish not to be kept must not be missed for how it is written.
  asFlag(store, 'store');
  const parallelToolCalls = asFlag(parallel, 'parallel_tool_calls');
  const name = context.withoutModel && model == null ? '' : asString(model, 'model');
  const fields = readOthers(others, notes);
  const offered = readResponsesTools([...listPlaces(givenTools, 'tools'), ...listAdditional(input)], notes);
  const { tools, toolChoice } = readResponsesToolChoice(givenChoice, offered, notes);
  const { messages: said, items } = readInput(input, context, { names: offered.names, notes });
  const messages = [...readInstructions(instructions), ...(context.history ?? []), ...said];
  if (messages.length === 0) refuse('input', 'must hold at least one item');
  const format = readText(text, notes);
  const includeSealed = readInclude(include, notes);
  return {
    conversation: {
      model: name,
      messages,
      tools: tools.length > 0 ? tools : undefined,
      toolChoice,
      parallelToolCalls: tools.length > 0 ? parallelToolCalls : undefined,
      maxOutputTokens:
        asNumber(maxOutputTokens, 'max_output_tokens') ??
        asNumber(maxCompletionTokens, 'max_completion_tokens') ??
        asNumber(maxTokens, 'max_tokens'),
      temperature: asNumber(temperature, 'temperature'),
      topP: asNumber(topP, 'top_p'),
      responseFormat: format,
      reasoning: readReasoning(reasoning, notes),
      metadata: Object.keys(fields).length > 0 ? { responses: { told: fields } } : undefined,
    },
    said,
    items,
    names: offered.names,
    stream: asFlag(stream, 'stream') === true,
    includeUsage: readIncludeUsage(streamOptions),
    includeSealed,
    notes: notes.list(),
  };
}

function readInput(input: Json | undefined, { history, findItem }: ResponsesContext, services: ItemServices) {
  if (input == null && history !== undefined) return { messages: [], items: [] };
  if (input == null) return refuse('input', 'must be a text or a list of items');
  const list = typeof input === 'string' || Array.isArray(input) ? input : [input];
  return readItems(list, { ...services, findItem });
}

/** A text, or in the answers of the service itself a list of items. */
function readInstructions(value: Json | undefined): Message[] {
  if (value == null || value === '') return [];
  if (typeof value !== 'string') return refuse('instructions', 'must be a text');
  return [{ role: 'system', parts: [{ type: 'text', text: value }] }];
}

/** Items that declare tools in the middle of a conversation. */
const DECLARING: ReadonlySet<unknown> = new Set(['additional_tools', 'tool_search_output']);

function listAdditional(input: Json | undefined): readonly PlacedTool[] {
  if (!Array.isArray(input)) return [];
  return input.flatMap((item: Json, at) => {
    const declares = typeof item === 'object' && item !== null && 'type' in item && DECLARING.has(item.type);
    return declares && Array.isArray(item.tools) ? listPlaces(item.tools, `input[${at}].tools`) : [];
  });
}

function listPlaces(list: Json | undefined, path: string): readonly PlacedTool[] {
  return asListOrNone(list, path).map((value, at) => ({ value, path: `${path}[${at}]` }));
}

/** Fields that need what no upstream here has: answering as if they were not there would be wrong. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['background', 'cannot be true: Patchbay answers while the client waits, in one piece or as a stream'],
  [
    'conversation',
    'cannot be used: Patchbay keeps no conversations; go on with previous_response_id, or send all items',
  ],
  ['prompt', "cannot be used: prompt templates are kept by OpenAI's service; send the instructions themselves"],
]);

/** Values that say what happens anyway. */
const USUAL: ReadonlyMap<string, readonly Json[]> = new Map<string, readonly Json[]>([
  ['service_tier', ['auto', 'default']],
  ['truncation', ['disabled']],
  ['top_logprobs', [0]],
]);

function readOthers(others: JsonObject, notes: NoteBook): JsonObject {
  const said = Object.entries(others).filter(([, value]) => value != null && value !== false);
  for (const [name, value] of said) {
    const problem = REFUSED.get(name);
    if (problem !== undefined) refuse(name, problem);
    if (!USUAL.get(name)?.includes(value)) notes.leaveOut(name);
  }
  return Object.fromEntries(said);
}

function readReasoning(value: Json | undefined, notes: NoteBook): ReasoningRequest | undefined {
  if (value == null) return undefined;
  // Thinking is shown whole wherever the upstream shows it, so that a wish for a summary loses nothing.
  const { effort, summary: _, generate_summary: __, ...extra } = asObject(value, 'reasoning');
  for (const [name, wish] of Object.entries(extra)) if (wish != null) notes.leaveOut(`reasoning.${name}`);
  const wanted = asTextOrNone(effort, 'reasoning.effort');
  return wanted === undefined ? undefined : { effort: wanted };
}

function readText(value: Json | undefined, notes: NoteBook): ResponseFormat | undefined {
  if (value == null) return undefined;
  const { format, verbosity, ...extra } = asObject(value, 'text');
  if (verbosity != null && verbosity !== 'medium') notes.leaveOut('text.verbosity');
  for (const name of Object.keys(extra)) notes.leaveOut(`text.${name}`);
  if (format == null) return undefined;
  const { type, ...flat } = asObject(format, 'text.format');
  switch (type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const { name, description, schema, strict, ...unknown } =
        flat.json_schema == null ? flat : asObject(flat.json_schema, 'text.format.json_schema');
      for (const field of Object.keys(unknown)) notes.leaveOut(`text.format.${field}`);
      return {
        type: 'json-schema',
        name: asText(name) ?? 'answer',
        ...(typeof description === 'string' ? { description } : undefined),
        schema: asObject(schema, 'text.format.schema'),
        ...(typeof strict === 'boolean' ? { strict } : undefined),
      };
    }
    default:
      notes.leaveOut(`text.format (${asText(type) ?? 'without a type'})`);
      return undefined;
  }
}

function readInclude(value: Json | undefined, notes: NoteBook): boolean {
  let sealed = false;
  for (const wish of asListOrNone(value, 'include')) {
    if (wish === 'reasoning.encrypted_content') sealed = true;
    else notes.leaveOut(`include ${asText(wish) ?? ''}`.trim());
  }
  return sealed;
}
