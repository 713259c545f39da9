// The special tokens of the Kimi family as text, and how they are found in text that may end anywhere, also within one.

/** What a token means. */
export type Token =
  | 'section-begin'
  | 'section-end'
  | 'call-begin'
  | 'arguments-begin'
  | 'call-end'
  | 'think'
  | 'think-end'
  /** Begins or ends a turn: nothing that a reader should see. */
  | 'turn';

/** The tokens as models write them; some engines and fine-tunes name the section in the singular. */
export const TOOL_TOKENS = {
  sectionBegin: '<|tool_calls_section_begin|>',
  sectionEnd: '<|tool_calls_section_end|>',
  callBegin: '<|tool_call_begin|>',
  argumentsBegin: '<|tool_call_argument_begin|>',
  callEnd: '<|tool_call_end|>',
} as const;

const TOKENS: readonly (readonly [text: string, token: Token])[] = [
  [TOOL_TOKENS.sectionBegin, 'section-begin'],
  ['<|tool_call_section_begin|>', 'section-begin'],
  [TOOL_TOKENS.sectionEnd, 'section-end'],
  ['<|tool_call_section_end|>', 'section-end'],
  [TOOL_TOKENS.callBegin, 'call-begin'],
  [TOOL_TOKENS.argumentsBegin, 'arguments-begin'],
  [TOOL_TOKENS.callEnd, 'call-end'],
  ['<think>', 'think'],
  ['</think>', 'think-end'],
  ['<|im_end|>', 'turn'],
  ['<|im_user|>', 'turn'],
  ['<|im_assistant|>', 'turn'],
  ['<|im_system|>', 'turn'],
  ['<|im_middle|>', 'turn'],
];

/** The first token in `text`; without a `token`, `at` is where one may begin once more has come. */
export function findToken(text: string): { readonly at: number; readonly length: number; readonly token?: Token } {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const found = TOKENS.find(([token]) => text.startsWith(token, at));
    if (found !== undefined) return { at, length: found[0].length, token: found[1] };
    const rest = text.slice(at, at + LONGEST);
    if (at + rest.length === text.length && TOKENS.some(([token]) => token.startsWith(rest))) return { at, length: 0 };
  }
  return { at: text.length, length: 0 };
}

/** Whether a text that ended within what may be a token can be nothing else. */
export const isCutToken = (text: string): boolean => /^<\|(tool_|im_)/.test(text);

const LONGEST = Math.max(...TOKENS.map(([text]) => text.length));
