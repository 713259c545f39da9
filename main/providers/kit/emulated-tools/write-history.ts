// Tool calls and their results of earlier turns, written into the text in the same form that the model is asked for. What
// is no tool turn stays as it is.
import type {
  AssistantMessage,
  Message,
  ToolCallPart,
  ToolResultPart,
  UserMessage,
} from '../../../canonical/conversation.ts';
import { ANSWER_TAG, writeCall } from './plan.ts';

/** The messages without calls and results of their own; results of one turn become one message of the person's side. */
export function writeToolHistory(messages: readonly Message[]): Message[] {
  const written: Message[] = [];
  let calls: readonly ToolCallPart[] = [];
  let results: ToolResultPart[] = [];
  const flush = () => {
    if (results.length > 0) written.push(writeResults(results, calls));
    results = [];
  };
  for (const message of messages) {
    if (message.role === 'tool') {
      results.push(...message.parts);
      continue;
    }
    flush();
    if (message.role === 'assistant') calls = message.parts.filter((part) => part.type === 'tool-call');
    written.push(message.role === 'assistant' ? writeCalls(message) : message);
  }
  flush();
  return written;
}

/** Whether anything in the messages is a tool turn. */
export function hasToolTurns(messages: readonly Message[]): boolean {
  return messages.some(
    ({ role, parts }) => role === 'tool' || (role === 'assistant' && parts.some(({ type }) => type === 'tool-call')),
  );
}

function writeCalls(message: AssistantMessage): AssistantMessage {
  if (!message.parts.some(({ type }) => type === 'tool-call')) return message;
  const parts: AssistantMessage['parts'][number][] = [];
  for (const part of message.parts) {
    const text = part.type === 'tool-call' ? writeCall(part.name, writeArguments(part.arguments)) : undefined;
    const last = parts.at(-1);
    if (text === undefined) parts.push(part);
    else if (last?.type === 'text') parts[parts.length - 1] = { ...last, text: joinLines(last.text, text) };
    else parts.push({ type: 'text', text });
  }
  return { ...message, parts };
}

/** What is no JSON is shown to the model as the text that it was. */
function writeArguments(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}

const joinLines = (before: string, after: string) => (before.trim() === '' ? after : `${before.trimEnd()}\n${after}`);

/** In the order of the calls, each with its name, and with its number where there were several. */
function writeResults(results: readonly ToolResultPart[], calls: readonly ToolCallPart[]): UserMessage {
  const place = ({ toolCallId }: ToolResultPart) => {
    const at = calls.findIndex(({ id }) => id === toolCallId);
    return at < 0 ? calls.length : at;
  };
  const parts: UserMessage['parts'][number][] = [];
  const say = (text: string) => {
    const last = parts.at(-1);
    if (last?.type === 'text') parts[parts.length - 1] = { type: 'text', text: `${last.text}\n${text}` };
    else parts.push({ type: 'text', text });
  };
  for (const result of results.toSorted((one, other) => place(one) - place(other))) {
    const at = place(result);
    const name = result.name ?? calls[at]?.name;
    const number = calls.length > 1 && at < calls.length ? ` call="${at + 1}"` : '';
    const told = `${name === undefined ? '' : ` name=${JSON.stringify(name)}`}${number}${result.isError ? ' error="true"' : ''}`;
    say(`<${ANSWER_TAG}${told}>`);
    for (const part of result.parts) {
      // Words of a tool must not end the block that they stand in.
      if (part.type === 'text') say(part.text.replaceAll(`</${ANSWER_TAG}`, `<\\/${ANSWER_TAG}`));
      else parts.push(part);
    }
    say(`</${ANSWER_TAG}>`);
  }
  return { role: 'user', parts };
}
