// Sampling and stop texts as far as each family of models takes them. What it refuses is left out and noted, so that a client
// made for other models works; engines of the person's own take everything.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import type { Family } from './families.ts';
import type { KimiAccount } from './options.ts';

/** The fields that this room decides. */
export type Sampling = Pick<
  ConversationRequest,
  'temperature' | 'topP' | 'frequencyPenalty' | 'presencePenalty' | 'stop'
>;

const MOST_STOPS = 5;
const MOST_STOP_BYTES = 32;
/** How much of the temperature that it is asked for the Anthropic-shaped API takes. */
const ANTHROPIC_SHARE = 0.6;

/** The sampling to send. */
export function writeSampling(
  request: Sampling,
  family: Family,
  { region, wire }: KimiAccount,
  note: (text: string) => void,
): Sampling {
  if (region === undefined) return pick(request);
  const stop = writeStop(request.stop, note);
  // The gateway of the coding plan refuses a temperature for whatever model.
  if (family.fixedSampling || region === 'code') {
    const given = [
      ['temperature', request.temperature],
      ['top_p', request.topP],
      ['frequency_penalty', request.frequencyPenalty],
      ['presence_penalty', request.presencePenalty],
    ].flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (given.length > 0) note(`Left out, as this model's own cannot be changed: ${given.join(', ')}.`);
    return { ...pick({}), stop };
  }
  const scaled = wire === 'anthropic' && family.scalesTemperature;
  return { ...pick(request), temperature: writeTemperature(request.temperature, scaled, note), stop };
}

function writeTemperature(wanted: number | undefined, scaled: boolean, note: (text: string) => void) {
  if (wanted === undefined) return undefined;
  const asked = scaled ? Math.round((wanted / ANTHROPIC_SHARE) * 1000) / 1000 : wanted;
  const sent = Math.min(1, Math.max(0, asked));
  if (scaled && sent === asked && wanted !== 0)
    note(`The temperature ${wanted} was sent as ${sent}: this API takes six tenths of it.`);
  if (sent !== asked) {
    const most = scaled ? ANTHROPIC_SHARE : 1;
    note(`The temperature ${wanted} became ${wanted < 0 ? 0 : most}, the most that Kimi takes.`);
  }
  return sent;
}

function writeStop(stop: readonly string[] | undefined, note: (text: string) => void) {
  if (stop === undefined || stop.length === 0) return undefined;
  const fitting = stop.filter((text) => text !== '' && Buffer.byteLength(text) <= MOST_STOP_BYTES).slice(0, MOST_STOPS);
  if (fitting.length < stop.length)
    note(`${stop.length - fitting.length} stop texts were left out: Kimi takes five of at most 32 bytes.`);
  return fitting.length === 0 ? undefined : fitting;
}

const pick = ({ temperature, topP, frequencyPenalty, presencePenalty, stop }: Sampling): Sampling => ({
  temperature,
  topP,
  frequencyPenalty,
  presencePenalty,
  stop,
});
