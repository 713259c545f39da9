// Patterns of names in which `*` stands for any number of characters. No regular expressions: a pattern comes from a person,
// and no name can make the comparison slow.

/** A pattern, taken apart once. */
export interface Wildcard {
  /** As it was written. */
  readonly text: string;
  /** How many characters of it are its own, stars left out. */
  readonly weight: number;
  /** What each `*` stands for in `name`: as little as possible, the last one the rest. Undefined where it does not fit. */
  match(name: string): readonly string[] | undefined;
}

/** Whether there is a `*` in it. */
export function isWildcard(text: string): boolean {
  return text.includes('*');
}

/** The pattern of a text; one without a `*` fits only itself. */
export function createWildcard(text: string): Wildcard {
  const [first = '', ...others] = text.split('*');
  const last = others.at(-1);
  const middle = others.slice(0, -1);
  const least = text.length - others.length;
  const weight = [...text].length - others.length;
  const match = (name: string): readonly string[] | undefined => {
    if (last === undefined) return name === first ? [] : undefined;
    if (name.length < least || !name.startsWith(first) || !name.endsWith(last)) return undefined;
    const end = name.length - last.length;
    const taken: string[] = [];
    let from = first.length;
    for (const part of middle) {
      const at = name.indexOf(part, from);
      if (at === -1 || at + part.length > end) return undefined;
      taken.push(name.slice(from, at));
      from = at + part.length;
    }
    return from > end ? undefined : [...taken, name.slice(from, end)];
  };
  return { text, weight, match };
}

/** `text` with what was taken in the place of its stars, in order; further stars get the last of it, and stay where nothing was. */
export function fillWildcard(text: string, taken: readonly string[]): string {
  let index = 0;
  return text.replaceAll('*', (star) => {
    const filled = taken[Math.min(index, taken.length - 1)] ?? star;
    index += 1;
    return filled;
  });
}

/** Whether a name fits one of `patterns`; upper and lower case count. */
export function createNameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isWildcard(pattern)));
  const open = patterns.filter(isWildcard).map(createWildcard);
  return (name) => exact.has(name) || open.some((pattern) => pattern.match(name) !== undefined);
}

/** The order in which patterns are tried: those with more characters of their own first, then by code point. */
export function compareWildcards(one: Wildcard, other: Wildcard): number {
  if (one.weight !== other.weight) return other.weight - one.weight;
  return compareCodePoints(one.text, other.text);
}

function compareCodePoints(one: string, other: string): number {
  const left = Array.from(one, (letter) => letter.codePointAt(0) ?? 0);
  const right = Array.from(other, (letter) => letter.codePointAt(0) ?? 0);
  const place = left.findIndex((code, index) => code !== right[index]);
  if (place === -1) return left.length - right.length;
  return (left[place] ?? 0) - (right[place] ?? -1);
}
