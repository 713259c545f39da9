// Makes short names for ids out of names for people.

/** `Kimi (work)` becomes `kimi-work`; a name without a usable letter becomes `fallback`. */
export function slug(name: string, fallback: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return words.slice(0, 40).replace(/-+$/, '') || fallback;
}

/** `wanted`, or `wanted-2`, `wanted-3`, ... whichever is free first. */
export function makeUnique(wanted: string, isTaken: (id: string) => boolean): string {
  if (!isTaken(wanted)) return wanted;
  let count = 2;
  while (isTaken(`${wanted}-${count}`)) count += 1;
  return `${wanted}-${count}`;
}
