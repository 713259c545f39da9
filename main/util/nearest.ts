// Finds the word that somebody probably meant.

/** The known word that differs from `word` by few letters; undefined where none comes near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return listNearest(word, known)[0];
}

/** Every known word that differs from `word` by few letters, the nearest first. */
export function listNearest(word: string, known: readonly string[]): readonly string[] {
  const lower = word.toLowerCase();
  return known
    .flatMap((name) => {
      const most = Math.min(Math.max(2, Math.floor(name.length / 3)), name.length - 2);
      // Letters that are too many or too few have to be added or removed, whatever the others are.
      if (Math.abs(name.length - word.length) > most) return [];
      const steps = countSteps(lower, name.toLowerCase());
      return steps <= most ? [{ name, steps }] : [];
    })
    .sort((one, other) => one.steps - other.steps)
    .map(({ name }) => name);
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
