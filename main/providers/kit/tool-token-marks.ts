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

/** Whether a token within a string of a call's arguments ends them all the same, as an end of the kind must follow it. */
export function endsText(token: Token, rest: string, ended: boolean): boolean | 'maybe' {
  if (token !== 'call-end' && token !== 'section-end' && token !== 'turn') return false;
  const next = rest.trimStart();
  if (next === '') return ended || 'maybe';
  const { at, length, token: following } = findToken(next);
  if (at > 0 || following === 'think' || following === 'think-end') return false;
  return length > 0 || ended || 'maybe';
}

/** Follows JSON text piece by piece. */
export interface StringWatch {
  read(text: string): void;
  /** The text has ended within a string. */
  readonly inString: boolean;
}

/** A watch at the beginning of a text. */
export function createStringWatch(): StringWatch {
  let inString = false;
  let escaped = false;
  return {
    read: (text) => {
      for (const character of text) {
        if (escaped) escaped = false;
        else if (inString && character === '\\') escaped = true;
        else if (character === '"') inString = !inString;
      }
    },
    get inString() {
      return inString;
    },
  };
}
