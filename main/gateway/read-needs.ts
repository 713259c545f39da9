// What a request needs of the model that answers it. Each is looked up only when a rule asks for it: most requests are routed
// without, and some have megabytes to walk through.
import type { ConversationRequest } from '../canonical/conversation.ts';
import { estimateInputTokens } from '../canonical/estimate.ts';
import type { Needs } from './route-plan.ts';

/** The needs of `request`, read when they are looked at and then kept. */
export function readNeeds(request: ConversationRequest): Needs {
  let images: boolean | undefined;
  let contextTokens: number | undefined;
  return {
    get tools() {
      return (request.tools?.length ?? 0) > 0 && request.toolChoice?.type !== 'none';
    },
    get images() {
      images ??= hasImages(request);
      return images;
    },
    get contextTokens() {
      contextTokens ??= estimateInputTokens(request);
      return contextTokens;
    },
  };
}

function hasImages({ messages }: ConversationRequest): boolean {
  return messages.some(({ parts }) =>
    parts.some(
      (part) =>
        part.type === 'image' || (part.type === 'tool-result' && part.parts.some(({ type }) => type === 'image')),
    ),
  );
}
