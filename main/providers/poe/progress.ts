// Tells the signs of life that bots write into their text ("Thinking... (12s elapsed)") from what they have to say.

const WORDS = '(?:Thinking|Generating|Processing|Searching)[\\w ]{0,40}';
const TIME = '\\(\\d+s elapsed\\)';
/** An event that ends in a star or a space too few may go on in the next one. */
const SIGN = new RegExp(
  `^\\s*(?:(?:\\*${WORDS}\\.\\.\\.\\*|${WORDS}\\.\\.\\.)(?: ?${TIME})?|${WORDS} ${TIME})(?:\\n\\s*)?$`,
);

/** Whether a whole event says only that the bot is at work. */
export const isSign = (text: string): boolean => text.length < 120 && SIGN.test(text);

/** Whether the sign is the heading of thoughts that may follow. */
export const isHeading = (sign: string): boolean => sign.includes('Thinking...');
