// Tells the signs of life that bots write into their text ("Thinking... (12s elapsed)") from what they have to say.

const SIGN =
  /^\s*\*?(?:Thinking|Generating|Processing|Searching)[\w ]{0,40}(?:\.\.\.\*?(?: ?\(\d+s elapsed\))?| \(\d+s elapsed\))\s*$/;

/** Whether a whole event says only that the bot is at work. */
export const isSign = (text: string): boolean => text.length < 120 && SIGN.test(text);

/** Whether the sign is the heading of thoughts that may follow. */
export const isHeading = (sign: string): boolean => sign.includes('Thinking...');
