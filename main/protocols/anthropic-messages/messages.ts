// Reads the conversation itself: system texts wherever they stand, and the turns of both sides.
import type {
  AssistantMessage,
  Json,
  JsonObject,
  Message,
  SystemMessage,
  ToolResultPart,
  UserMessage,
} from '../../canonical/conversation.ts';
import { asArray, asObject, asString, refuse } from '../kit/fields.ts';
import { asBlocks, readBlock, readTexts } from './blocks.ts';
import { asText, keep } from './fields.ts';

/** All messages in order, with what messages said about how to answer. */
export interface ReadMessages {
  readonly messages: readonly Message[];
  /** The effort that the last message with one asked for. */
  readonly effort: string | undefined;
  /** Claude Code's own first system line; left out of the conversation, kept for upstreams that want it. */
  readonly billingHeader: string | undefined;
}

/** Reads the `system` and `messages` fields. */
export function readMessages(system: Json | undefined, messages: Json | undefined): ReadMessages {
  const read: Message[] = [];
  let effort: string | undefined;
  const { message, billingHeader } = readSystemField(system);
  if (message !== undefined) read.push(message);
  const list = asArray(messages, 'messages');
  if (list.length === 0) refuse('messages', 'must hold at least one message');
  for (const [at, value] of list.entries()) {
    const path = `messages.${at}`;
    const { role, content, output_config: config, ...extra } = asObject(value, path);
    const { effort: asked, ...settings } = config == null ? {} : asObject(config, `${path}.output_config`);
    effort = asText(asked) ?? effort;
    const own = Object.keys(settings).length > 0 ? { ...extra, output_config: settings } : extra;
    if (role === 'user') read.push(...readUser(content, own, path));
    else if (role === 'assistant') read.push(readAssistant(content, own, path));
    else if (role === 'system') {
      const parts = readTexts(content, `${path}.content`);
      // Claude Code sends empty ones that only carry settings.
      if (parts.length > 0) read.push({ role: 'system', parts, ...keep(own) });
    } else refuse(`${path}.role`, 'must be user, assistant or system');
  }
  return { messages: read, effort, billingHeader };
}

/**
 * Its text differs from conversation to conversation and stands first, so no upstream's prompt cache could ever hit
 * across conversations. Only a first block that is this line and nothing else is taken out.
 */
const BILLING_HEADER = /^x-anthropic-billing-header:[^\n]*$/;

function readSystemField(system: Json | undefined): { message?: SystemMessage; billingHeader?: string } {
  if (system == null) return {};
  const parts = readTexts(system, 'system');
  const [first] = parts;
  const isHeader = first !== undefined && first.metadata === undefined && BILLING_HEADER.test(first.text);
  const rest = isHeader ? parts.slice(1) : parts;
  return {
    message: rest.length > 0 ? { role: 'system', parts: rest } : undefined,
    billingHeader: isHeader ? first.text : undefined,
  };
}

/** Tool results become messages of their own, in their place among the other blocks. */
function readUser(content: Json | undefined, extra: JsonObject, path: string): Message[] {
  const messages: Message[] = [];
  let said: UserMessage['parts'][number][] = [];
  let results: ToolResultPart[] = [];
  const flush = () => {
    if (said.length > 0) messages.push({ role: 'user', parts: said, ...keep(extra) });
    if (results.length > 0) messages.push({ role: 'tool', parts: results, ...keep(extra) });
    said = [];
    results = [];
  };
  for (const [at, block] of asBlocks(content, `${path}.content`).entries()) {
    const place = `${path}.content.${at}`;
    if (block.type === 'tool_result') {
      if (said.length > 0) flush();
      results.push(readToolResult(block, place));
    } else {
      if (results.length > 0) flush();
      said.push(readBlock(block, place));
    }
  }
  flush();
  return messages.length > 0 ? messages : [{ role: 'user', parts: [], ...keep(extra) }];
}

function readToolResult(block: JsonObject, path: string): ToolResultPart {
  const { type: _, tool_use_id: id, content, is_error: isError, ...extra } = block;
  const blocks = content == null ? [] : asBlocks(content, `${path}.content`);
  return {
    type: 'tool-result',
    toolCallId: asString(id, `${path}.tool_use_id`),
    parts: blocks.map((inner, at) => readBlock(inner, `${path}.content.${at}`)),
    ...(isError === true ? { isError } : undefined),
    ...keep(extra),
  };
}

function readAssistant(content: Json | undefined, extra: JsonObject, path: string): AssistantMessage {
  const parts = asBlocks(content, `${path}.content`).map((block, at) =>
    readAssistantBlock(block, `${path}.content.${at}`),
  );
  return { role: 'assistant', parts, ...keep(extra) };
}

function readAssistantBlock(block: JsonObject, path: string): AssistantMessage['parts'][number] {
  const { type, ...rest } = block;
  switch (type) {
    case 'thinking': {
      const { thinking, signature, ...extra } = rest;
      // Thinking of upstreams that sign nothing goes out with an empty signature and comes back with it.
      const own = signature === '' || signature == null ? extra : { ...extra, signature };
      return { type: 'reasoning', text: asText(thinking) ?? '', ...keep(own) };
    }
    case 'redacted_thinking': {
      const { data, ...extra } = rest;
      return { type: 'reasoning', text: '', ...keep({ ...extra, redacted: asString(data, `${path}.data`) }) };
    }
    case 'tool_use': {
      const { id, name, input, ...extra } = rest;
      return {
        type: 'tool-call',
        id: asString(id, `${path}.id`),
        name: asString(name, `${path}.name`),
        arguments: JSON.stringify(input ?? {}),
        ...keep(extra),
      };
    }
    default:
      return readBlock(block, path);
  }
}
