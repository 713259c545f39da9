// How a client's wish for thinking is told to each family of models: a switch, a measure, the template's own setting on an
// engine of the person's, or not at all, which is noted.
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import type { Family } from './families.ts';
import type { KimiAccount } from './options.ts';

/** What is to be done about thinking. */
export interface Thinking {
  /** `open`: as the model does by itself. */
  readonly state: 'on' | 'off' | 'open';
  /** Where the model knows a measure. */
  readonly effort?: 'low' | 'high' | 'max';
  /** The client has said it in the upstream's own words. */
  readonly said?: true;
}

const EFFORTS: Readonly<Record<string, Thinking['effort']>> = {
  minimal: 'low',
  low: 'low',
  medium: 'high',
  high: 'high',
  xhigh: 'max',
  max: 'max',
};

interface Wish {
  readonly effort: string | undefined;
  readonly none: boolean;
  readonly some: boolean;
}

/** Reads the wish. `note` is told what the model cannot do of it. */
export function chooseThinking(
  { reasoning, metadata }: Pick<ConversationRequest, 'reasoning' | 'metadata'>,
  family: Family,
  { region }: KimiAccount,
  note: (text: string) => void,
): Thinking {
  const own = metadata?.openai?.fields as JsonObject | undefined;
  const said = (own?.thinking as JsonObject | undefined)?.type ?? readTemplate(own);
  if (said !== undefined) return { state: said === 'disabled' || said === false ? 'off' : 'on', said: true };
  const { effort, enabled, budgetTokens } = reasoning ?? {};
  const none = enabled === false || effort === 'none';
  const wish = { effort, none, some: !none && (enabled === true || (effort ?? budgetTokens) !== undefined) };
  if (budgetTokens !== undefined && family.thinking !== 'none')
    note('The limit for thinking was left out: Kimi has no field for it.');
  switch (family.thinking) {
    case 'none':
      if (wish.some) note('The wish for thinking was left out: this model does not think.');
      return { state: 'off' };
    case 'always':
      if (none) note('The wish for no thinking was left out: this model always thinks.');
      return { state: 'on' };
    case 'unknown':
      if (region === undefined) return { state: readState(wish) };
      if (none || wish.some)
        note('The wish about thinking was left out: it is not known how this model is told of it.');
      return { state: 'open' };
    case 'switch':
      if (wish.some && effort !== undefined)
        note(`The effort "${effort}" became plain thinking: this model can only think or not.`);
      return { state: readState(wish) };
    case 'effort':
      return chooseEffort(wish, note);
    default:
      return family.thinking satisfies never;
  }
}

const readState = ({ none, some }: Wish) => (none ? 'off' : some ? 'on' : 'open');

function chooseEffort({ effort, none, some }: Wish, note: (text: string) => void): Thinking {
  if (none) {
    note('The wish for no thinking became the least effort: this model always thinks.');
    return { state: 'on', effort: 'low' };
  }
  if (effort === undefined) return { state: some ? 'on' : 'open' };
  const known = EFFORTS[effort];
  if (known === undefined) note(`The effort "${effort}" was left out: Kimi does not know it.`);
  else if (known !== effort) note(`The effort "${effort}" became "${known}".`);
  return { state: 'on', effort: known };
}

function readTemplate(own: JsonObject | undefined) {
  return (own?.chat_template_kwargs as JsonObject | undefined)?.thinking;
}

/** The body's fields for it, on the OpenAI-shaped API. */
export function writeThinking({ state, effort, said }: Thinking, family: Family, account: KimiAccount): JsonObject {
  if (said || state === 'open') return {};
  const isOwn = account.region === undefined;
  // Elsewhere the hub's own word for the effort is the field's.
  if (family.thinking === 'effort')
    return isOwn && effort !== undefined ? { chat_template_kwargs: { thinking_effort: effort } } : {};
  if (family.thinking === 'unknown' && !isOwn) return {};
  if (family.thinking === 'none' || family.thinking === 'always') return {};
  if (isOwn) return { chat_template_kwargs: { thinking: state === 'on' } };
  return { thinking: { type: state === 'on' ? 'enabled' : 'disabled' } };
}
