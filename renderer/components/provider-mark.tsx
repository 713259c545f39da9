// A provider's monogram in a rounded square with a tint of its own; we use nobody's logo.
import classes from './provider-mark.module.css';

/** The mark of a provider: first letters of its name, tint from its id. */
export function ProviderMark({
  id,
  name,
  size = 28,
}: {
  readonly id: string;
  readonly name: string;
  readonly size?: number;
}) {
  return (
    <span
      className={classes.mark}
      style={{ '--hue': hueOf(id), width: size, height: size, fontSize: Math.round(size * 0.4) } as React.CSSProperties}
      aria-hidden="true"
    >
      {monogramOf(name)}
    </span>
  );
}

function hueOf(id: string): number {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  // Steps of 30 degrees keep two tints either the same or clearly apart.
  return (hash % 12) * 30;
}

function monogramOf(name: string): string {
  const words = name.split(/[\s\-_/.]+/).filter((word) => word !== '');
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 2);
  const [first = '', second = ''] = letters;
  return first.toUpperCase() + (words.length > 1 ? second.toUpperCase() : second);
}
