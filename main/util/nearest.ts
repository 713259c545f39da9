// Finds the word that somebody probably meant.

/** The known word that differs from `word` by few letters; undefined where none comes near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly steps: number } | undefined;
  for (const name of known) {
    const steps = countSteps(word.toLowerCase(), name.toLowerCase());
    if (
      steps <= Math.max(2, Math.floor(name.length / 3)) &&
      steps < name.length - 1 &&
      steps < (best?.steps ?? Number.POSITIVE_INFINITY)
    ) {
      best = { name, steps };
    }
  }
  return best?.name;
}

/** Letters to add, remove or replace to come from one word to the other. */
function countSteps(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column += 1) {
      const same = from[index] === to[column] ? 0 : 1;
      next.push(Math.min((row[column] ?? 0) + same, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
