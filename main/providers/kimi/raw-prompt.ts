// Writes a conversation in the special tokens of the Kimi K2 models, for engines that only complete text. The counterpart of the
// kit's reader of such tokens. Tokens that stand in somebody's words are broken, so that nobody speaks for another.
import type { ConversationRequest, Message } from '../../canonical/conversation.ts';
import { TOOL_TOKENS } from '../kit/tool-token-marks.ts';

const DEFAULT_SYSTEM = 'You are Kimi, an AI assistant created by Moonshot AI.';

/** Texts that end the model's turn. */
export const TURN_ENDS: readonly string[] = ['<|im_end|>', '<|im_user|>'];

/** The prompt for `request`, whose ids are numbered already; `partial` leaves its last turn open. */
export function writeRawPrompt(
  { messages, tools = [] }: Pick<ConversationRequest, 'messages' | 'tools'>,
  partial: boolean,
  note: (text: string) => void,
): string {
  const turns = messages.flatMap((message, at) => {
    const isOpen = partial && at === messages.length - 1;
    return writeMessage(message, note).map((turn) => (isOpen ? turn.slice(0, -END.length) : turn));
  });
  const declared = tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters: parameters ?? { type: 'object', properties: {} } },
  }));
  return [
    ...(declared.length === 0 ? [] : [writeTurn('system', 'tool_declare', breakTokens(JSON.stringify(declared)))]),
    ...(messages[0]?.role === 'system' ? [] : [writeTurn('system', 'system', DEFAULT_SYSTEM)]),
    ...turns,
    ...(partial ? [] : ['<|im_assistant|>assistant<|im_middle|>']),
  ].join('');
}

const END = '<|im_end|>';

const writeTurn = (side: 'system' | 'user' | 'assistant', name: string, text: string) =>
  `<|im_${side}|>${name}<|im_middle|>${text}${END}`;

function writeMessage(message: Message, note: (text: string) => void): string[] {
  const words = (parts: readonly { readonly type: string }[]) => breakTokens(readTexts(parts, note));
  switch (message.role) {
    case 'system':
      return [writeTurn('system', 'system', words(message.parts))];
    case 'user':
      return [writeTurn('user', 'user', words(message.parts))];
    case 'assistant': {
      const thoughts = message.parts.flatMap((part) =>
        part.type === 'reasoning' && part.text !== '' ? [part.text] : [],
      );
      const calls = message.parts.flatMap((part) => {
        if (part.type !== 'tool-call') return [];
        const { callBegin, argumentsBegin, callEnd } = TOOL_TOKENS;
        return [`${callBegin}${part.id}${argumentsBegin}${breakTokens(part.arguments)}${callEnd}`];
      });
      const said = message.parts.filter(({ type }) => type !== 'reasoning' && type !== 'tool-call');
      const text = [
        thoughts.length === 0 ? '' : `<think>${breakTokens(thoughts.join(''))}</think>`,
        words(said),
        calls.length === 0 ? '' : `${TOOL_TOKENS.sectionBegin}${calls.join('')}${TOOL_TOKENS.sectionEnd}`,
      ];
      return [writeTurn('assistant', 'assistant', text.join(''))];
    }
    case 'tool':
      return message.parts.map(({ toolCallId, parts }) =>
        writeTurn('system', 'tool', `## Return of ${breakTokens(toolCallId)}\n${words(parts)}`),
      );
    default:
      return message satisfies never;
  }
}

function readTexts(parts: readonly { readonly type: string }[], note: (text: string) => void): string {
  const texts = parts.map((part) => {
    if (part.type === 'text' && 'text' in part) return String(part.text);
    note('A picture or file was left out and named in its place: a prompt of plain text has no room for it.');
    return `[${part.type}]`;
  });
  return texts.join('\n');
}

/** A character that nobody sees keeps the tokenizer from reading words as a token. */
const breakTokens = (text: string) => text.replaceAll(/<(?=\|[a-z_]+\|>)/g, '<\u200b');
