// A guess at how many tokens a request takes, for clients that ask before an upstream has counted. It knows no
// tokenizer: models differ, and a guess that calls itself one is honest.
import type { ConversationRequest, FilePart, ImagePart, Message, TextPart } from './conversation.ts';

/** English text and code take about four bytes a token in the tokenizers of today. */
const BYTES_PER_TOKEN = 4;
/** What upstreams count for a picture of common size. */
const IMAGE_TOKENS = 1_500;
/** Roles and borders of one message. */
const MESSAGE_TOKENS = 4;

/** About how many input tokens `request` takes, tools included; at least 1. */
export function estimateInputTokens({ messages, tools = [] }: ConversationRequest): number {
  let bytes = 0;
  let tokens = messages.length * MESSAGE_TOKENS;
  const add = (part: Message['parts'][number] | TextPart | ImagePart | FilePart) => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        bytes += Buffer.byteLength(part.text);
        break;
      case 'tool-call':
        bytes += Buffer.byteLength(part.name) + Buffer.byteLength(part.arguments);
        break;
      case 'tool-result':
        for (const inner of part.parts) add(inner);
        break;
      case 'image':
        tokens += IMAGE_TOKENS;
        break;
      case 'file':
        // Base64 is a third longer than the bytes it stands for.
        if (part.source.type === 'base64') bytes += part.source.data.length * 0.75;
        else tokens += IMAGE_TOKENS;
        break;
      default:
        part satisfies never;
    }
  };
  for (const { parts } of messages) for (const part of parts) add(part);
  for (const { name, description = '', parameters = {} } of tools) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(description) + Buffer.byteLength(JSON.stringify(parameters));
  }
  return Math.max(1, tokens + Math.ceil(bytes / BYTES_PER_TOKEN));
}
