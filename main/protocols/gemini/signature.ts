// Carries thinking through a client that only keeps one opaque text beside the part that follows it. Google's clients send
// `thoughtSignature` back as it came, while some throw the thoughts themselves away (the Gemini CLI), so the text is in it.
import type { ReasoningPart } from '../../canonical/conversation.ts';
import { readOpaque, writeOpaque } from '../kit/opaque.ts';

/** What is carried of a reasoning part. */
export type Thought = Pick<ReasoningPart, 'text' | 'metadata'>;

/** Reasoning parts as the `thoughtSignature` of the part that comes after them. */
export function writeSignature(thoughts: readonly Thought[]): string | undefined {
  const carried = thoughts.flatMap(({ text, metadata }) => {
    const own = text === '' ? undefined : { gemini: { thought: text } };
    return writeOpaque(own === undefined ? metadata : { ...metadata, ...own }) ?? [];
  });
  // Some clients hold the field as bytes: it has to be base64 through and through.
  return carried.length === 0 ? undefined : Buffer.from(carried.join(' ')).toString('base64');
}

/** What `writeSignature` was given; undefined for a text that is not its own. */
export function readSignature(text: string): ReasoningPart[] | undefined {
  const thoughts = Buffer.from(text, 'base64')
    .toString('latin1')
    .split(' ')
    .flatMap((piece): ReasoningPart[] => {
      const { gemini, ...metadata } = readOpaque(piece) ?? {};
      const thought = gemini?.thought;
      const signed = Object.keys(metadata).length > 0;
      if (thought === undefined && !signed) return [];
      const part = { type: 'reasoning', text: typeof thought === 'string' ? thought : '' } as const;
      return [signed ? { ...part, metadata } : part];
    });
  return thoughts.length > 0 ? thoughts : undefined;
}
