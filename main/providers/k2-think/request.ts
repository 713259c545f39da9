// Writes the turns of a conversation as K2-Think's upstreams take them: three roles, words and pictures. Calls of tools and their
// results have become words before they get here. What cannot be carried is told.
import type { ConversationRequest, ImagePart, JsonObject, Message } from '../../canonical/conversation.ts';
import { readAnthropicExtras } from '../kit/anthropic-extras.ts';
import { listForeignFields } from '../kit/foreign-fields.ts';
import type { Upstream, WireMessage } from './upstreams.ts';

type Note = (text: string) => void;
type Part = Message['parts'][number];

/** The messages of `request`. `note` is told in plain words what was left out. */
export function writeMessages({ messages }: Pick<ConversationRequest, 'messages'>, note: Note): WireMessage[] {
  const written: WireMessage[] = [];
  for (const { role, parts } of messages) {
    const content = writeContent(parts, note);
    if (content === '') continue;
    written.push({ role: role === 'tool' ? 'user' : role, content });
  }
  return written;
}

/** One text where words are all, as many upstreams know nothing else. */
function writeContent(parts: readonly Part[], note: Note): WireMessage['content'] {
  const written = parts.flatMap((part) => writePart(part, note));
  if (written.every(({ type }) => type === 'text')) return written.map(({ text }) => text).join('\n');
  return written;
}

function writePart(part: Part, note: Note): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return writeImage(part, note);
    case 'file':
      note(`A file was left out: K2-Think takes none${part.name === undefined ? '' : ` (${part.name})`}.`);
      return [
        { type: 'text', text: `[A file that cannot be shown here: ${part.name ?? part.mediaType ?? 'no name'}]` },
      ];
    case 'reasoning':
      // The model's own thinking is no part of the conversation that it is shown again.
      return [];
    case 'tool-call':
    case 'tool-result':
      throw new Error(`A ${part.type} has not become words.`);
    default:
      return part satisfies never;
  }
}

function writeImage({ source, mediaType = 'image/png' }: ImagePart, note: Note): JsonObject[] {
  if (source.type === 'id') {
    note('A picture that was uploaded elsewhere was left out: only that upstream has it.');
    return [{ type: 'text', text: '[A picture that cannot be shown here]' }];
  }
  note('Whether K2-Think looks at pictures is not known; it was sent.');
  const url = source.type === 'url' ? source.url : `data:${mediaType};base64,${source.data}`;
  return [{ type: 'image_url', image_url: { url } }];
}

const NAMES = {
  topP: 'top_p',
  seed: 'seed',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  stop: 'stop texts',
  temperature: 'temperature',
  maxOutputTokens: 'the limit for the answer',
} as const;

/** Tells what `request` asks for and the upstream has no field for. */
export function noteLeftOut(request: ConversationRequest, { carries }: Upstream, note: Note): void {
  const left: string[] = [];
  for (const [field, name] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) {
    if (request[field] !== undefined && !carries.includes(field)) left.push(name);
  }
  if (request.responseFormat !== undefined && request.responseFormat.type !== 'text')
    left.push('the form of the reply');
  const { effort, budgetTokens, enabled } = request.reasoning ?? {};
  if (effort !== undefined || budgetTokens !== undefined) left.push('how much to think');
  if (enabled === false) left.push('the wish for no thinking (a model whose name ends in -nothink leaves it out)');
  left.push(...listForeignFields(request, ['anthropic']));
  const extras = readAnthropicExtras(request);
  left.push(...(extras?.fields ?? []), ...(extras?.marks ?? []));
  if (left.length > 0) note(`Left out, as K2-Think has no field for it: ${left.join(', ')}.`);
  if (extras === undefined) return;
  if (extras.upstreamTools.length > 0) {
    note(`Tools that only Anthropic runs were left out: ${extras.upstreamTools.join(', ')}.`);
  }
  if (extras.blocks.length > 0) note(`Passed on as text: ${extras.blocks.join(', ')} blocks.`);
  if (extras.cached || extras.cachedSetup) note('Cache markers were left out: this upstream has no field for them.');
}
