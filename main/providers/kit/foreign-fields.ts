// What clients of other dialects said in fields that the hub has no word for, listed so that a provider can tell its loss.
// It knows no dialect: faces keep unknown fields under their own namespace, and whoever does not read it names them here.
// What a face has told of itself it keeps under another name than `fields`.
import type { ConversationRequest, JsonObject, Metadata } from '../../canonical/conversation.ts';

/** How a face remembers the form in which something was said, and what it called it: the hub has said it already. */
const FORM: ReadonlySet<string> = new Set(['role', 'refusal', 'id', 'status']);

/** What holds the unknown fields of an object within the object. */
const HOLDERS: ReadonlySet<string> = new Set(['fields', 'function', 'image_url', 'format', 'json_schema']);

/** Names of the unknown fields in all namespaces but those that the caller `reads`, in order and without repetition. */
export function listForeignFields(request: ConversationRequest, reads: readonly string[]): readonly string[] {
  const names = new Set<string>();
  const look = (metadata: Metadata | undefined, only?: string) => {
    for (const namespace in metadata) {
      if (reads.includes(namespace)) continue;
      const fields = metadata[namespace] ?? {};
      for (const name of listNames(only === undefined ? fields : pick(fields, only))) names.add(name);
    }
  };
  // Beside the fields, a face keeps there what only its own providers understand.
  look(request.metadata, 'fields');
  look(request.metadata, 'format');
  for (const message of request.messages) {
    look(message.metadata);
    for (const part of message.parts) {
      look(part.metadata);
      if (part.type === 'tool-result') for (const inner of part.parts) look(inner.metadata);
    }
  }
  for (const tool of request.tools ?? []) look(tool.metadata);
  return [...names];
}

function listNames(fields: JsonObject): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const isHolder = HOLDERS.has(name) && typeof value === 'object' && value !== null;
    return isHolder ? listNames(value as JsonObject) : FORM.has(name) ? [] : [name];
  });
}

const pick = (fields: JsonObject, name: string): JsonObject =>
  fields[name] === undefined ? {} : { [name]: fields[name] };
