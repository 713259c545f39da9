// How much the model is to think: in the fields that its own schema names where it has some, else in words that ask it to
// think aloud between tags, which the reader then takes out of the answer. Models without either are left alone.
import type { ConversationRequest, Json, JsonObject, ReasoningRequest } from '../../canonical/conversation.ts';

/** When and how much a model without fields of its own is asked to think aloud. */
export interface EmulatedReasoning {
  /** Only where the client asks for thinking, or always but where it asks for none. */
  readonly when: 'asked' | 'always';
  /** Tokens of thinking where the client names no measure. */
  readonly budgetTokens: number;
  /** The most that a client may ask for; 0 for no limit. */
  readonly mostTokens: number;
  /** Asks in words as well where the model has fields: some show their thinking only then. */
  readonly besideNative?: boolean;
}

/** The defaults of those who have used it longest. */
export const EMULATED_REASONING: EmulatedReasoning = { when: 'asked', budgetTokens: 4_000, mostTokens: 10_000 };

/** What a request says of thinking. */
export interface WrittenReasoning {
  /** `additionalModelRequestFields`. */
  readonly fields?: JsonObject;
  /** A paragraph of the system prompt, the same for every measure, so that a cache may hold it. */
  readonly system?: string;
  /** Stands before the words that are to be answered, unless results of tools stand there. */
  readonly prefix?: string;
}

/** Shares of the output limit, for upstreams that are told in tokens. */
const SHARES: Readonly<Record<string, number>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.95,
  max: 0.95,
};

/** From the least to the most. */
const EFFORTS: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const DEFAULT_OUTPUT_TOKENS = 4_096;

const SYSTEM = `## Thinking before the answer

This system asks for visible thinking by three tags at the beginning of a message: <thinking_mode>, <max_thinking_length> and <thinking_instruction>. They come from the system that runs this conversation and are no attempt to change your instructions. Where they stand, first think inside <thinking> and </thinking>, in about as many tokens as <max_thinking_length> says, and give the answer after it. Without them, answer as usual.`;

const INSTRUCTION =
  'Think in English, at the very beginning and inside <thinking> tags. Make sure that you understand what is wanted, weigh more than one way to do it, look for edge cases and for assumptions that may be wrong, and check the result. Then answer after </thinking> in the language of the person. Care matters more than speed.';

/** Whether the schema of a model names fields for thinking. */
export function hasReasoningFields(schema: JsonObject | undefined): boolean {
  const { thinking, output_config: config, reasoning } = readProperties(schema);
  return thinking !== undefined || config !== undefined || reasoning !== undefined;
}

/** What to say of thinking to a model with this `schema` (`additionalModelRequestFieldsSchema`). */
export function writeReasoning(
  request: ConversationRequest,
  schema: JsonObject | undefined,
  emulated: EmulatedReasoning | undefined,
  note: (text: string) => void,
): WrittenReasoning {
  const wanted = request.reasoning;
  const isOff = wanted?.enabled === false || wanted?.effort === 'none';
  const native = hasReasoningFields(schema);
  const fields = native && wanted !== undefined ? writeFields(wanted, isOff, schema, note) : undefined;
  const isWanted = !isOff && (wanted !== undefined || emulated?.when === 'always');
  const asksInWords = emulated !== undefined && isWanted && (!native || emulated.besideNative === true);
  if (!native && wanted !== undefined && !isOff && !asksInWords)
    note('The wish for thinking was left out: Kiro has no field for it with this model.');
  return {
    ...(fields === undefined || Object.keys(fields).length === 0 ? undefined : { fields }),
    ...(asksInWords ? { system: SYSTEM, prefix: writePrefix(request, emulated, note) } : undefined),
  };
}

function writePrefix(request: ConversationRequest, emulated: EmulatedReasoning, note: (text: string) => void): string {
  const { effort = '', budgetTokens } = request.reasoning ?? {};
  const share = SHARES[effort];
  const ofEffort = share && Math.floor(share * (request.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS));
  const asked = Math.max(1, Math.floor(budgetTokens ?? ofEffort ?? emulated.budgetTokens));
  const budget = emulated.mostTokens > 0 ? Math.min(asked, emulated.mostTokens) : asked;
  if (budget < asked)
    note(`The limit for thinking was lowered from ${asked} to ${budget} tokens, as the settings say.`);
  note('The model was asked in words to think aloud: Kiro has no field for it with this model.');
  return `<thinking_mode>enabled</thinking_mode>\n<max_thinking_length>${budget}</max_thinking_length>\n<thinking_instruction>${INSTRUCTION}</thinking_instruction>`;
}

/** The two forms exclude each other: a model has the one or the other in its schema. */
function writeFields(
  wanted: ReasoningRequest,
  isOff: boolean,
  schema: JsonObject | undefined,
  note: (text: string) => void,
): JsonObject {
  const { thinking, output_config: config, reasoning } = readProperties(schema);
  const effortSchema = readProperties(config).effort ?? readProperties(reasoning).effort;
  const effort = chooseEffort(isOff ? 'none' : wanted.effort, readWords(effortSchema), note);
  const think = writeThinking(readProperties(thinking), wanted, isOff, note);
  if (config === undefined && reasoning !== undefined) return effort === undefined ? {} : { reasoning: { effort } };
  return {
    ...(thinking === undefined || think === undefined ? undefined : { thinking: think }),
    ...(effort === undefined || config === undefined ? undefined : { output_config: { effort } }),
  };
}

function writeThinking(
  properties: JsonObject,
  { budgetTokens }: ReasoningRequest,
  isOff: boolean,
  note: (text: string) => void,
): JsonObject | undefined {
  const types = readWords(properties.type);
  if (isOff) {
    if (types.includes('disabled')) return { type: 'disabled' };
    if (types.length > 0) note('The wish for no thinking was left out: this model has no field for it.');
    return undefined;
  }
  const type = ['adaptive', 'enabled'].find((word) => types.includes(word));
  const takesBudget = properties.budget_tokens !== undefined && type === 'enabled';
  if (budgetTokens !== undefined && !takesBudget)
    note('The limit for thinking was left out: this model decides by itself how long it thinks.');
  if (type === undefined) return undefined;
  return {
    type,
    ...(readWords(properties.display).includes('summarized') ? { display: 'summarized' } : undefined),
    ...(takesBudget && budgetTokens !== undefined ? { budget_tokens: budgetTokens } : undefined),
  };
}

/** The word itself where the model knows it, else the nearest one below, else the lowest above. */
function chooseEffort(
  effort: string | undefined,
  known: readonly string[],
  note: (text: string) => void,
): string | undefined {
  if (effort === undefined || known.includes(effort)) return effort;
  if (effort === 'none') return undefined;
  const at = EFFORTS.indexOf(effort);
  const ranks = known.map((word) => EFFORTS.indexOf(word)).filter((rank) => rank > 0);
  const below = Math.max(...ranks.filter((rank) => rank < at), -1);
  const chosen = EFFORTS[below > 0 ? below : Math.min(...ranks.filter((rank) => rank > at))];
  if (at < 0 || chosen === undefined) {
    note(`The reasoning effort "${effort}" was left out: this model does not know it.`);
    return undefined;
  }
  note(`The reasoning effort "${effort}" was sent as "${chosen}", the nearest that this model knows.`);
  return chosen;
}

function readProperties(schema: Json | undefined): JsonObject {
  const { properties } = asObject(schema);
  return asObject(properties);
}

function readWords(schema: Json | undefined): readonly string[] {
  const { enum: words } = asObject(schema);
  return Array.isArray(words) ? (words as Json[]).filter((word): word is string => typeof word === 'string') : [];
}

const asObject = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
