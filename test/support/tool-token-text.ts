// Says replies as the Kimi models write them, in every framing that has been seen: with and without the tokens of a section,
// white space between the parts, calls within the thinking, ends that are missing.
import fc from 'fast-check';

/** What a reply means, whatever its framing. */
export interface MeantReply {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  /** What is said behind the calls. */
  readonly after: string;
}

/** A reply as it is written, and what it means. */
export interface WrittenReply {
  readonly raw: string;
  readonly meant: MeantReply;
}

/** Names that models have been seen to call, awkward ones among them. */
export const TOOL_NAMES = ['get_weather', 'read-file', 'search', 'mcp__files__write', 'a.b_c', 'Run2'] as const;

/** Text that holds no token, but what may look like the beginning of one. */
export const plainText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('<', '<|', '<|tool', '</', '</thin', '<thought>', '\n', ' ', 'a < b', '|>', 'é', '猫', '🐈'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))
  // At an end these could only be told from a token by what follows.
  .filter((text) => !/<\|(tool_|im_)|<\/?think>/.test(text) && !/<[|/]?[a-z_|]*$/.test(text.trimEnd()));

const words = plainText.map((text) => text.trim());
const white = fc.constantFrom('', ' ', '\n', '\n\n', '  \n');
const input = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null), fc.array(words, { maxLength: 3 })),
  { maxKeys: 4 },
);
const call = fc.record({ name: fc.constantFrom(...TOOL_NAMES), input, id: fc.nat(4) });

/** Any reply in any framing. */
export const anyReply: fc.Arbitrary<WrittenReply> = fc
  .record({
    reasoning: words,
    text: words,
    calls: fc.array(call, { maxLength: 4 }),
    after: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: words }),
    gaps: fc.array(white, { minLength: 8, maxLength: 8 }),
    thinking: fc.constantFrom('closed', 'open' as const),
    section: fc.constantFrom('whole', 'whole', 'unclosed', 'bare', 'singular'),
    callEnd: fc.constantFrom('whole', 'whole', 'missing'),
    idForm: fc.constantFrom('full', 'full', 'short', 'plain', 'newline'),
    chatter: fc.constantFrom('', '', 'I call the tool now.'),
    turn: fc.constantFrom('', '<|im_end|>'),
  })
  .map((parts) => writeReply(parts));

interface Parts {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: object; readonly id: number }[];
  readonly after: string;
  readonly gaps: readonly string[];
  readonly thinking: string;
  readonly section: string;
  readonly callEnd: string;
  readonly idForm: string;
  readonly chatter: string;
  readonly turn: string;
}

function writeReply(parts: Parts): WrittenReply {
  const { reasoning, calls, gaps, section, turn } = parts;
  const [g0 = '', g1 = '', g2 = '', g3 = '', g4 = '', g5 = '', g6 = '', g7 = ''] = gaps;
  // Thinking that is not closed has no words behind it but calls.
  const isOpen = parts.thinking === 'open' && calls.length > 0;
  const text = isOpen && reasoning !== '' ? '' : parts.text;
  const thought = reasoning === '' ? '' : `<think>${g0}${reasoning}${g1}${isOpen ? '' : '</think>'}`;
  const writeId = (name: string, id: number) =>
    ({ short: `${name}:${id}`, plain: name, newline: `functions.${name}\n:${id}` })[parts.idForm] ??
    `functions.${name}:${id}`;
  const written = calls.map(({ name, input: given, id }, at) => {
    const isLast = at === calls.length - 1;
    // Without its end a call needs another token behind it.
    const end = parts.callEnd === 'whole' || (isLast && section === 'bare') ? '<|tool_call_end|>' : '';
    return `<|tool_call_begin|>${g3}${writeId(name, id)}${g4}<|tool_call_argument_begin|>${g5}${JSON.stringify(given)}${g6}${end}`;
  });
  const closes = section === 'whole' || section === 'singular';
  const plural = section === 'singular' ? '' : 's';
  const framed =
    calls.length === 0
      ? ''
      : section === 'bare'
        ? written.join('')
        : `<|tool_call${plural}_section_begin|>${parts.chatter}${g7}${written.join(g7)}${closes ? `${parts.callEnd === 'whole' ? parts.chatter : ''}<|tool_call${plural}_section_end|>` : ''}`;
  // Behind a section that is not closed nothing can be told from what belongs to it.
  const after = calls.length > 0 && (closes || section === 'bare') ? parts.after : '';
  return {
    raw: `${thought}${reasoning === '' || isOpen ? '' : g2}${text}${calls.length === 0 ? '' : g2}${framed}${after === '' ? '' : g1 + after}${turn}`,
    meant: { reasoning, text, calls: calls.map(({ name, input: given }) => ({ name, input: given })), after },
  };
}

/** `text` cut at random borders. */
export const cutAt = (text: string, borders: readonly number[]): string[] => {
  const at = [...new Set(borders.map((border) => border % (text.length + 1)))].sort((one, other) => one - other);
  const pieces: string[] = [];
  let from = 0;
  for (const border of [...at, text.length]) {
    pieces.push(text.slice(from, border));
    from = border;
  }
  return pieces.filter((piece) => piece !== '');
};
