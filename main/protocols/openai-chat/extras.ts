// What an upstream of the same dialect said of a reply and the hub has no word for: it goes back where it stood.
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { ReplyHead } from '../protocol.ts';

/** The fields by where they stand. */
export interface Extras {
  /** Of the answer itself. */
  readonly fields: JsonObject;
  /** Of its message, piece by piece. */
  readonly message: readonly JsonObject[];
  /** Of its choice. */
  readonly choice: JsonObject;
  /** The counts as the upstream wrote them. */
  readonly usage: JsonObject;
}

/** The fields that name the lasting conversation of an answer. */
export function writeSession({ session }: Pick<ReplyHead, 'session'>): JsonObject {
  return session === undefined ? {} : { session_id: session.id, project_id: session.projectId ?? null };
}

const NONE: Extras = { fields: {}, message: [], choice: {}, usage: {} };

/** The extras of a reply's metadata. */
export function readExtras(metadata: Metadata | undefined): Extras {
  const own = metadata?.openai;
  if (own === undefined) return NONE;
  const { message, choice, usage, ...fields } = own;
  return {
    fields,
    message: Array.isArray(message) ? (message as JsonObject[]) : [],
    choice: asObject(choice),
    usage: asObject(usage),
  };
}

/** The pieces of a message in one: what is a list goes on, anything else is said anew. */
export function joinPieces(pieces: readonly JsonObject[]): JsonObject {
  const joined: Record<string, JsonObject[string]> = {};
  for (const piece of pieces) {
    for (const [name, value] of Object.entries(piece)) {
      const before = joined[name];
      joined[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    }
  }
  return joined;
}

const asObject = (value: JsonObject[string] | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
