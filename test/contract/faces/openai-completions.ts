// OpenAI's legacy completions go on with a text: there is no conversation in them that could be scripted.
import type { Face } from '../client.ts';

const noConversation = 'it continues a text, and holds no conversation';

/** OpenAI's legacy completions. */
export const face: Face = {
  clients: [],
  leftOut: { '/v1/completions': noConversation, '/completions': noConversation },
};
