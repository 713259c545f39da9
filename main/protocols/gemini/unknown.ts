// Finds the fields within a request's inner objects that this face does not know, so that they are told and not dropped
// in silence. Those of the body itself, of parts and of declarations are kept where they are read.
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import { asFields, asFieldsOrNone } from './fields.ts';

const CONTENT = ['role', 'parts'];
const DATA = ['data', 'fileUri', 'mimeType', 'displayName'];
const THOUGHT = ['text', 'thought', 'thoughtSignature'];
const RESULT = ['functionResponse', 'thoughtSignature', 'thought'];

/** Names of the unknown fields, in order and without repetition. */
export function listUnknown(body: Readonly<Record<string, Json | undefined>>): string[] {
  const { contents, systemInstruction, toolConfig, generationConfig } = body;
  const names = new Set<string>();
  const look = (value: Json | undefined, known: readonly string[]): JsonObject => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    const fields = asFields(value, '');
    for (const name in fields) if (!known.includes(name)) names.add(name);
    return fields;
  };
  const lookAtPart = (value: Json) => {
    const part = asFields(typeof value === 'object' && value !== null ? value : {}, '');
    if (part.inlineData !== undefined) look(part.inlineData, DATA);
    if (part.fileData !== undefined) look(part.fileData, DATA);
    if (part.functionResponse !== undefined) look(part, RESULT);
    else if (part.thought === true) look(part, THOUGHT);
  };
  for (const content of [systemInstruction, ...(Array.isArray(contents) ? contents : [contents])]) {
    const { parts } = look(content, CONTENT);
    if (Array.isArray(parts)) for (const part of parts) lookAtPart(part);
  }
  look(asFieldsOrNone(toolConfig, '').functionCallingConfig, ['mode', 'allowedFunctionNames']);
  const { thinkingConfig } = asFieldsOrNone(generationConfig, '');
  look(thinkingConfig, ['includeThoughts', 'thinkingBudget', 'thinkingLevel']);
  return [...names];
}
