// Tells in plain words what a client asked for and Kiro has no field for. It changes nothing and sends nothing.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { readAnthropicExtras } from '../kit/anthropic-extras.ts';
import { listForeignFields } from '../kit/foreign-fields.ts';

/** Notes the fields of `request` that do not travel; `cachePoints` tells whether our own markers go in place of its own. */
export function noteLeftOut(request: ConversationRequest, cachePoints: boolean, note: (text: string) => void): void {
  const { maxOutputTokens, temperature, topP, seed, frequencyPenalty, presencePenalty, stop, responseFormat } = request;
  const extras = readAnthropicExtras(request);
  const given: readonly (readonly [name: string, value: unknown])[] = [
    ['max_tokens', maxOutputTokens],
    ['temperature', temperature],
    ['top_p', topP],
    ['seed', seed],
    ['frequency_penalty', frequencyPenalty],
    ['presence_penalty', presencePenalty],
    ['stop', stop && stop.length > 0 ? stop : undefined],
    ['response_format', responseFormat?.type === 'text' ? undefined : responseFormat],
  ];
  const left = [
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ...(extras?.fields ?? []),
    ...(extras?.marks ?? []),
    ...listForeignFields(request, ['anthropic']),
  ];
  if (left.length > 0) note(`Left out, as Kiro has no field for it: ${left.join(', ')}.`);
  if (extras === undefined) return;
  const { upstreamTools, blocks, cached, cachedSetup } = extras;
  if (upstreamTools.length > 0) note(`Tools that only Anthropic runs were left out: ${upstreamTools.join(', ')}.`);
  if (blocks.length > 0) note(`Passed on as text: ${blocks.join(', ')} blocks.`);
  if (cached || cachedSetup)
    note(cachePoints ? "Cache markers were replaced by Kiro's own." : 'Cache markers were left out.');
}
