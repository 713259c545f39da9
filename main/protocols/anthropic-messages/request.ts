// Reads Anthropic Messages requests. Written by hand rather than as a schema: it runs on every request, and what it does
// not know it keeps (`metadata.anthropic`) instead of refusing it.
import type {
  ConversationRequest,
  Json,
  JsonObject,
  ReasoningRequest,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { asArray, asNumber, asObject, asString, refuse } from '../kit/fields.ts';
import type { RequestHeaders } from '../protocol.ts';
import { asText, keep } from './fields.ts';
import { readMessages } from './messages.ts';

/** A request and how it wants to be answered. */
export interface MessagesRequest {
  readonly conversation: ConversationRequest;
  readonly stream: boolean;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** The code by which the official SDK knows that it has to send the whole conversation each time. */
export const NO_THREADS = 'thread_unsupported_request';

/** Reads a parsed body. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readMessagesRequest(body: unknown, headers: RequestHeaders): MessagesRequest {
  const {
    model,
    system,
    messages: given,
    tools: givenTools,
    tool_choice: givenChoice,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    stop_sequences: stop,
    output_config: outputConfig,
    output_format: outputFormat,
    thinking,
    stream,
    thread,
    ...fields
  } = asObject(body, '');
  if (thread != null) refuseThread();
  const { messages, effort, billingHeader } = readMessages(system, given);
  const { tools, upstreamTools } = readTools(givenTools);
  const { toolChoice, parallelToolCalls } = readToolChoice(givenChoice);
  const {
    effort: generalEffort,
    format,
    ...config
  } = outputConfig == null ? {} : asObject(outputConfig, 'output_config');
  const rest = {
    ...fields,
    ...(Object.keys(config).length > 0 ? { output_config: config } : undefined),
    ...readUnknown('tool_choice', givenChoice, ['type', 'name', 'disable_parallel_tool_use']),
    ...readUnknown('output_config.format', format ?? outputFormat, ['type', 'schema', 'name']),
  };
  const betas = headers['anthropic-beta'];
  const aimless = tools === undefined && toolChoice !== undefined && toolChoice.type !== 'none';
  return {
    conversation: {
      model: asString(model, 'model'),
      messages,
      tools,
      toolChoice: tools === undefined ? undefined : toolChoice,
      parallelToolCalls: tools === undefined ? undefined : parallelToolCalls,
      maxOutputTokens: asNumber(maxTokens, 'max_tokens'),
      temperature: asNumber(temperature, 'temperature'),
      topP: asNumber(topP, 'top_p'),
      stop:
        stop == null
          ? undefined
          : asArray(stop, 'stop_sequences').map((text, at) => asString(text, `stop_sequences.${at}`)),
      responseFormat: readFormat(format ?? outputFormat),
      reasoning: readReasoning(thinking, effort ?? asText(generalEffort)),
      metadata: {
        anthropic: {
          fields: rest,
          ...(thinking == null ? undefined : { thinking }),
          ...(betas === undefined ? undefined : { betas: String(betas) }),
          ...(billingHeader === undefined ? undefined : { billingHeader }),
          ...(upstreamTools.length === 0 ? undefined : { upstreamTools }),
        },
      },
    },
    stream: stream === true,
    notes: aimless ? ['The choice of a tool was left out, as no tool is left to choose.'] : [],
  };
}

/** The unknown fields of an object that the hub has words for, each under its whole path. */
function readUnknown(path: string, value: Json | undefined, known: readonly string[]): JsonObject {
  const unknown = Object.entries((value ?? {}) as JsonObject).filter(([name]) => !known.includes(name));
  return Object.fromEntries(unknown.map(([name, inner]) => [`${path}.${name}`, inner]));
}

function refuseThread(): never {
  const message = 'Patchbay keeps no conversations: send all messages with each request, without "thread".';
  throw new GatewayError('invalid-request', message, { param: 'thread', code: NO_THREADS });
}

/** Stands for tools that are told of later, and is never to be called. */
const PLACEHOLDER = 'DeferredToolPlaceholder';

/** The client's own tools, and those that only Anthropic's service knows or runs. */
function readTools(given: Json | undefined): { tools: Tool[] | undefined; upstreamTools: JsonObject[] } {
  const tools: Tool[] = [];
  const upstreamTools: JsonObject[] = [];
  for (const [at, value] of (given == null ? [] : asArray(given, 'tools')).entries()) {
    const path = `tools.${at}`;
    const tool = asObject(value, path);
    const { type, name, description, input_schema: schema, strict, ...extra } = tool;
    if (type != null && type !== 'custom') upstreamTools.push(tool);
    else if (name !== PLACEHOLDER) {
      tools.push({
        name: asString(name, `${path}.name`),
        description: asText(description),
        parameters: schema == null ? undefined : asObject(schema, `${path}.input_schema`),
        strict: typeof strict === 'boolean' ? strict : undefined,
        ...keep(type == null ? extra : { ...extra, type }),
      });
    }
  }
  return { tools: tools.length > 0 ? tools : undefined, upstreamTools };
}

function readToolChoice(value: Json | undefined): { toolChoice?: ToolChoice; parallelToolCalls?: boolean } {
  if (value == null) return {};
  const choice = asObject(value, 'tool_choice');
  const parallelToolCalls = choice.disable_parallel_tool_use === true ? false : undefined;
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { toolChoice: { type: choice.type }, parallelToolCalls };
    case 'any':
      return { toolChoice: { type: 'required' }, parallelToolCalls };
    case 'tool':
      return { toolChoice: { type: 'tool', name: asString(choice.name, 'tool_choice.name') }, parallelToolCalls };
    default:
      return refuse('tool_choice.type', 'must be auto, any, tool or none');
  }
}

function readReasoning(thinking: Json | undefined, effort: string | undefined): ReasoningRequest | undefined {
  const { type, budget_tokens: budget } = thinking == null ? {} : asObject(thinking, 'thinking');
  const budgetTokens = asNumber(budget, 'thinking.budget_tokens');
  if (type === undefined && effort === undefined) return undefined;
  return {
    ...(effort === undefined ? undefined : { effort }),
    ...(budgetTokens === undefined ? undefined : { budgetTokens }),
    ...(type === undefined ? undefined : { enabled: type !== 'disabled' }),
  };
}

function readFormat(value: Json | undefined): ResponseFormat | undefined {
  if (value == null) return undefined;
  const { type, schema, name } = asObject(value, 'output_config.format');
  if (type !== 'json_schema') return refuse('output_config.format.type', 'must be json_schema');
  return {
    type: 'json-schema',
    name: asText(name) ?? 'answer',
    schema: asObject(schema, 'output_config.format.schema'),
  };
}
