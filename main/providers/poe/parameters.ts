// Options that only some bots have, such as how much they think or how wide their pictures are: the list of bots tells which.
import type { ConversationRequest, Json, JsonObject } from '../../canonical/conversation.ts';
import type { ImageRequest } from '../../canonical/images.ts';
import type { PoeBot } from './models.ts';

/** Fields of a client's body that are none of a bot's. */
const OTHERS: ReadonlySet<string> = new Set(['logit_bias', 'n', 'user', 'store', 'metadata', 'stream_options']);

/** The options for a conversation; `note` is told what this bot does not have. */
export function chooseParameters(
  request: ConversationRequest,
  bot: PoeBot | undefined,
  note: (text: string) => void,
): JsonObject {
  const { reasoning, metadata } = request;
  const chosen: Record<string, Json> = {};
  const own = (metadata?.openai?.fields ?? {}) as JsonObject;
  const left: string[] = [];
  for (const [name, value] of Object.entries(own)) {
    if (OTHERS.has(name)) {
      if (name !== 'logit_bias') left.push(name);
    } else if (bot === undefined || bot.parameters.has(name)) chosen[name] = value;
    else left.push(name);
  }
  if (left.length > 0) note(`Left out, as this bot has no option for it: ${left.join(', ')}.`);
  const { effort, budgetTokens, enabled } = reasoning ?? {};
  const offered = (name: string) => bot?.parameters.has(name) === true && chosen[name] === undefined;
  if (enabled === false && offered('thinking_budget')) chosen.thinking_budget = 0;
  else if (budgetTokens !== undefined && offered('thinking_budget')) chosen.thinking_budget = budgetTokens;
  else if (effort !== undefined && offered('reasoning_effort')) chosen.reasoning_effort = effort;
  else if (reasoning !== undefined && chosen.thinking_budget === undefined && chosen.reasoning_effort === undefined)
    note('The wish about thinking was left out: this bot has no option for it, or Poe does not list one.');
  return chosen;
}

/** What a wish for a picture becomes: options where the bot has them, else words behind the prompt. */
export interface PictureWish {
  readonly parameters: JsonObject;
  readonly prompt: string;
}

/** Sizes become the width in relation to the height, which is all that most bots know. */
export function chooseWish(request: ImageRequest, bot: PoeBot | undefined, note: (text: string) => void): PictureWish {
  const { quality, style, metadata } = request;
  const chosen: Record<string, Json> = {};
  for (const [name, value] of Object.entries((metadata?.openai?.fields ?? {}) as JsonObject)) {
    if (bot === undefined || bot.parameters.has(name)) chosen[name] = value;
    else note(`Left out, as this bot has no option for it: ${name}.`);
  }
  for (const [name, value] of Object.entries({ quality, style })) {
    if (value === undefined) continue;
    if (bot?.parameters.has(name)) chosen[name] = value;
    else note(`The ${name} was left out: this bot has no option for it, or Poe does not list one.`);
  }
  const prompt = chooseSize(request, bot, chosen, note);
  return { parameters: chosen, prompt };
}

/** Puts the size where the bot takes it; gives the prompt, with the size in words where the bot has no option. */
function chooseSize(
  { size, prompt }: ImageRequest,
  bot: PoeBot | undefined,
  chosen: Record<string, Json>,
  note: (text: string) => void,
): string {
  const isSaid = /--(?:aspect|size)\b/.test(prompt) || chosen.aspect !== undefined || chosen.aspect_ratio !== undefined;
  if (size === undefined || isSaid) return prompt;
  const aspect = readAspect(size);
  const option = ['aspect', 'aspect_ratio'].find((name) => bot?.parameters.has(name));
  if (option !== undefined && aspect !== undefined) {
    const nearest = findNearest(aspect, bot?.parameters.get(option));
    if (nearest !== aspect) note(`The size ${size} is not one that this bot makes; asked for ${nearest}.`);
    chosen[option] = nearest;
  } else if (bot?.parameters.has('size')) chosen.size = size;
  else if (aspect !== undefined) return `${prompt} --aspect ${aspect}`;
  else if (size !== 'auto') note(`The size ${size} was left out: only WIDTHxHEIGHT can be told to Poe.`);
  return prompt;
}

/** `1792x1024` as `7:4`; undefined where it is no such size. */
export function readAspect(size: string | undefined): string | undefined {
  const [, width, height] = /^\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*$/i.exec(size ?? '') ?? [];
  const [wide, high] = [Number(width), Number(height)];
  if (!(wide > 0 && high > 0)) return /^\d{1,3}:\d{1,3}$/.test(size ?? '') ? size : undefined;
  const part = divisor(wide, high);
  return `${wide / part}:${high / part}`;
}

const divisor = (one: number, other: number): number => (other === 0 ? one : divisor(other, one % other));

/** The one of the ratios that the schema allows which is nearest; the wish itself where it allows any. */
function findNearest(aspect: string, schema: JsonObject | undefined): string {
  const allowed = (Array.isArray(schema?.enum) ? schema.enum : []).filter((one) => typeof one === 'string');
  const ratio = readRatio(aspect) ?? 1;
  const near = allowed
    .flatMap((one) => {
      const other = readRatio(one);
      return other === undefined ? [] : [{ one, distance: Math.abs(Math.log(other / ratio)) }];
    })
    .toSorted((one, other) => one.distance - other.distance)[0];
  return near?.one ?? aspect;
}

function readRatio(aspect: string): number | undefined {
  const [wide, high] = aspect.split(':').map(Number);
  return wide && high ? wide / high : undefined;
}
