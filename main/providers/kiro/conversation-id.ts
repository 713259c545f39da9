// A name for a conversation that stays the same while it grows, so that the upstream's cache can find it again.
import { createHash } from 'node:crypto';
import type { Message } from '../../canonical/conversation.ts';

/** A UUID made of how the conversation begins; `account` keeps the same words of two accounts apart. */
export function nameConversation(messages: readonly Message[], account = ''): string {
  const hash = createHash('sha256').update(account);
  for (const message of messages) {
    if (message.role !== 'system' && message.role !== 'user') break;
    hash.update(`\0${message.role}`);
    for (const part of message.parts) if (part.type === 'text') hash.update(`\0${part.text}`);
    if (message.role === 'user') break;
  }
  const hex = hash.digest('hex');
  // The upstream may check the two places of a UUID that are not free.
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
