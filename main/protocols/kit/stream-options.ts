// Reads what the bodies of OpenAI's dialects say of a stream besides that it is wanted; the kit knows no face.
import type { Json } from '../../canonical/conversation.ts';
import { asFlag, asObject } from './fields.ts';

/** Whether the `stream_options` of a body ask for a last chunk with the token counts. */
export function readIncludeUsage(options: Json | undefined): boolean {
  if (options === undefined || options === null) return false;
  return asFlag(asObject(options, 'stream_options').include_usage, 'stream_options.include_usage') === true;
}
