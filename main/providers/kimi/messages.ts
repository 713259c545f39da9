// The conversation by Kimi's rules: calls numbered as the models do it, thinking beside the calls where they think and nowhere
// where they do not, no empty texts, and the beginning of an answer marked as one.
import type {
  AssistantMessage,
  ConversationRequest,
  Message,
  SystemMessage,
  ToolMessage,
} from '../../canonical/conversation.ts';
import { numberToolCalls } from '../kit/tool-call-ids.ts';
import type { Thinking } from './thinking.ts';
import type { ToolNames } from './tools.ts';

/** How messages are to be written. */
export interface MessageRules {
  readonly names: ToolNames;
  readonly thinking: Thinking['state'];
  /** The model is one that thinks. */
  readonly thinks: boolean;
}

/** The messages in Kimi's form. `note` is told what was left out. */
export function writeMessages(
  { messages }: Pick<ConversationRequest, 'messages'>,
  rules: MessageRules,
  note: (text: string) => void,
): readonly Message[] {
  const named = messages.map((message) => {
    if (message.role === 'assistant') return writeAssistant(message, rules, note);
    return message.role === 'tool' ? writeToolMessage(message, rules) : message;
  });
  return numberToolCalls(named);
}

function writeAssistant(
  message: AssistantMessage,
  { names, thinking, thinks }: MessageRules,
  note: (text: string) => void,
): AssistantMessage {
  const hasCalls = message.parts.some(({ type }) => type === 'tool-call');
  const texts = message.parts.filter(({ type }) => type === 'text').length;
  const parts = message.parts.flatMap((part): AssistantMessage['parts'][number][] => {
    switch (part.type) {
      case 'reasoning':
        if (thinking !== 'off') return [part];
        note('Earlier thinking was left out: the model does not think in this reply.');
        return [];
      case 'tool-call':
        return [{ ...part, name: names.write(part.name) }];
      case 'text':
        // An empty text is refused where it is one of several, or stands beside a call.
        return part.text === '' && (texts > 1 || hasCalls) ? [] : [part];
      default:
        return [part];
    }
  });
  // Where the model thinks, its calls are refused without what it thought; an empty text will do.
  const lacksThought = hasCalls && thinks && thinking !== 'off' && !parts.some(({ type }) => type === 'reasoning');
  return { ...message, parts: lacksThought ? [{ type: 'reasoning', text: '' }, ...parts] : parts };
}

function writeToolMessage(message: ToolMessage, { names }: MessageRules): ToolMessage {
  const parts = message.parts.map((part) =>
    part.name === undefined ? part : { ...part, name: names.write(part.name) },
  );
  return { ...message, parts };
}

/** The last message is the beginning of the answer: dialects without a word for it mean that when they end so. */
export function isPartial({ messages, metadata }: Pick<ConversationRequest, 'messages' | 'metadata'>): boolean {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return false;
  if (metadata?.openai !== undefined) return last.metadata?.openai?.partial === true;
  return last.parts.length > 0 && last.parts.every(({ type }) => type === 'text');
}

/** The messages with the last one marked as the beginning of the answer. */
export function markBeginning(messages: readonly Message[]): readonly Message[] {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return messages;
  const openai = { ...last.metadata?.openai, partial: true };
  return [...messages.slice(0, -1), { ...last, metadata: { ...last.metadata, openai } }];
}

/** Words for the model behind everything that was said. */
export const createWords = (text: string): SystemMessage => ({ role: 'system', parts: [{ type: 'text', text }] });
