// Reads Gemini requests. Written by hand rather than as a schema: it runs on every request, and what it does not know it
// keeps (`metadata.gemini`) and notes instead of refusing it.
import type {
  ConversationRequest,
  Json,
  JsonObject,
  ReasoningRequest,
  ResponseFormat,
  SystemMessage,
} from '../../canonical/conversation.ts';
import { asListOrNone, asNumber, asObject, asString, refuse } from '../kit/fields.ts';
import { readContents } from './contents.ts';
import { asFields, asFieldsOrNone, asText, readModelName } from './fields.ts';
import { readPart } from './parts.ts';
import { readSchema } from './schema.ts';
import { readTools } from './tools.ts';
import { listUnknown } from './unknown.ts';

/** A request and how it wants to be answered. */
export interface GeminiRequest {
  readonly conversation: ConversationRequest;
  /** Whether the client wants to see the model's thoughts. */
  readonly includeThoughts: boolean;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** Reads a parsed body; `name` is the model's, out of the path. Throws `GatewayError` that names the field. */
export function readGenerateRequest(body: unknown, name: string): GeminiRequest {
  const {
    model: _,
    contents,
    systemInstruction,
    tools: givenTools,
    toolConfig,
    generationConfig,
    ...fields
  } = asFields(body, '');
  const notes: string[] = [];
  const note = (text: string) => {
    if (!notes.includes(text)) notes.push(text);
  };
  const instructions = readInstructions(systemInstruction, note);
  const messages = readContents(contents, note);
  const { reasoning, includeThoughts, config, rest } = readConfig(generationConfig, note);
  const read = { contents, systemInstruction, toolConfig, generationConfig };
  const left = [...Object.keys(rest), ...Object.keys(fields), ...listUnknown(read)];
  if (left.length > 0) note(`Left out, as only Google's models know them: ${left.join(', ')}.`);
  return {
    conversation: {
      model: readModelName(name),
      messages: instructions === undefined ? messages : [instructions, ...messages],
      ...readTools(givenTools, toolConfig, note),
      ...config,
      reasoning,
      metadata: { gemini: { told: fields, generationConfig: rest } },
    },
    includeThoughts,
    notes,
  };
}

/** Reads the body of a count: the contents alone, or a whole request inside. Throws like `readGenerateRequest`. */
export function readCountRequest(body: unknown, name: string): ConversationRequest {
  const fields = asFields(body, '');
  const { generateContentRequest = null } = fields;
  const inner = generateContentRequest === null ? fields : asObject(generateContentRequest, 'generateContentRequest');
  return readGenerateRequest(inner, name).conversation;
}

function readInstructions(value: Json | undefined, note: (text: string) => void): SystemMessage | undefined {
  if (value == null) return undefined;
  const { parts: given } =
    typeof value === 'string' ? { parts: [{ text: value }] } : asFields(value, 'systemInstruction');
  const list = Array.isArray(given) || given == null ? asListOrNone(given, 'systemInstruction.parts') : [given];
  const parts = list.flatMap((part, at) => {
    const path = `systemInstruction.parts[${at}]`;
    const read = readPart({ fields: asFields(part, path), path }, note);
    if (read?.type === 'text') return [read];
    if (read !== undefined) note('The images and files of the system instruction were left out.');
    return [];
  });
  return parts.length === 0 ? undefined : { role: 'system', parts };
}

function readConfig(value: Json | undefined, note: (text: string) => void) {
  const {
    temperature,
    topP,
    maxOutputTokens,
    stopSequences,
    seed,
    presencePenalty,
    frequencyPenalty,
    responseMimeType,
    responseSchema,
    responseJsonSchema,
    thinkingConfig,
    candidateCount,
    responseModalities,
    ...others
  } = asFieldsOrNone(value, 'generationConfig');
  const number = (field: Json | undefined, name: string) => asNumber(field, `generationConfig.${name}`);
  if ((number(candidateCount, 'candidateCount') ?? 1) > 1)
    note('More than one candidate was asked for; there is only ever one.');
  const modalities = asListOrNone(responseModalities, 'generationConfig.responseModalities');
  const wantsMore = modalities.some((modality) => modality !== 'TEXT');
  const stop = asListOrNone(stopSequences, 'generationConfig.stopSequences').map((text, at) =>
    asString(text, `generationConfig.stopSequences[${at}]`),
  );
  const { includeThoughts, ...thinking } = asFieldsOrNone(thinkingConfig, 'generationConfig.thinkingConfig');
  return {
    config: {
      temperature: number(temperature, 'temperature'),
      topP: number(topP, 'topP'),
      maxOutputTokens: number(maxOutputTokens, 'maxOutputTokens'),
      stop: stop.length === 0 ? undefined : stop,
      seed: number(seed, 'seed'),
      presencePenalty: number(presencePenalty, 'presencePenalty'),
      frequencyPenalty: number(frequencyPenalty, 'frequencyPenalty'),
      responseFormat: readFormat(responseMimeType, responseSchema, responseJsonSchema, note),
    },
    reasoning: readThinking(thinking),
    includeThoughts: includeThoughts === true,
    rest: wantsMore && responseModalities !== undefined ? { ...others, responseModalities } : others,
  };
}

function readFormat(
  mimeType: Json | undefined,
  schema: Json | undefined,
  jsonSchema: Json | undefined,
  note: (text: string) => void,
): ResponseFormat | undefined {
  const type = asText(mimeType);
  if (type !== undefined && type !== 'application/json') {
    if (type !== 'text/plain') note(`The answer was asked for as ${type}, which only Google's models know.`);
    return undefined;
  }
  const named = { type: 'json-schema', name: 'answer' } as const;
  if (jsonSchema != null) return { ...named, schema: asObject(jsonSchema, 'generationConfig.responseJsonSchema') };
  if (schema != null) return { ...named, schema: readSchema(schema, 'generationConfig.responseSchema') };
  return type === undefined ? undefined : { type: 'json' };
}

function readThinking({ thinkingBudget, thinkingLevel }: JsonObject): ReasoningRequest | undefined {
  const budget = asNumber(thinkingBudget, 'generationConfig.thinkingConfig.thinkingBudget');
  const level = asText(thinkingLevel)?.toLowerCase();
  if (thinkingLevel != null && level === undefined && thinkingLevel !== '')
    refuse('generationConfig.thinkingConfig.thinkingLevel', 'must be a word');
  const effort = level === 'thinking_level_unspecified' ? undefined : level;
  if (budget === 0) return { enabled: false };
  // Less than zero leaves it to the model how much it thinks.
  const budgetTokens = budget !== undefined && budget > 0 ? budget : undefined;
  if (budget === undefined && effort === undefined) return undefined;
  return { enabled: true, ...(effort && { effort }), ...(budgetTokens && { budgetTokens }) };
}
