// Reads what is sound of a value that a schema refuses as a whole, so that one wrong part costs nothing but itself. Knows no
// schema and needs no more of one than its verdict.

/** What a schema says of a value, as zod does. */
export interface Verdict<Value> {
  readonly success: boolean;
  readonly data?: Value;
  readonly error?: {
    readonly issues: readonly {
      readonly code: string;
      readonly path: readonly PropertyKey[];
      readonly keys?: readonly string[];
    }[];
  };
}

/** What could be read. */
export interface SoundParts<Value> {
  readonly value: Value;
  /** The parts that the schema does not know, in their places; they are for whoever wrote them. */
  readonly unknown: Readonly<Record<string, unknown>>;
  /** Where the parts stood that are wrong, as in `pools.acme.strategy`. */
  readonly wrong: readonly string[];
}

type Table = Record<PropertyKey, unknown>;

/** Takes out whatever `judge` complains of until nothing is left of it; undefined where that is the whole. */
export function readSoundParts<Value>(
  judge: (value: unknown) => Verdict<Value>,
  whole: unknown,
): SoundParts<Value> | undefined {
  const rest: unknown = structuredClone(whole);
  const unknown: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (;;) {
    const { success, data, error } = judge(rest);
    if (success) return { value: data as Value, unknown, wrong };
    const strange = (error?.issues ?? []).flatMap(({ code, path, keys = [] }) =>
      code === 'unrecognized_keys' ? keys.map((key) => [...path, key]) : [],
    );
    // Issues of one list come with rising places: taken from its end, none moves before its turn.
    const faulty = (error?.issues ?? []).filter(({ code }) => code !== 'unrecognized_keys').toReversed();
    for (const path of strange) keep(unknown, path, take(rest, path));
    const taken = faulty.filter(({ path }) => take(rest, path) !== undefined).map(({ path }) => path.join('.'));
    if (strange.length + taken.length === 0) return undefined;
    wrong.push(...taken.toReversed());
  }
}

/** `own` with what `kept` has besides, at every level. */
export function mergeParts(own: unknown, kept: unknown): unknown {
  if (!isTable(own) || !isTable(kept)) return own;
  const merged = Object.entries(own).map(([name, value]) => [
    name,
    Object.hasOwn(kept, name) ? mergeParts(value, kept[name]) : value,
  ]);
  return { ...kept, ...Object.fromEntries(merged) };
}

/** Removes what stands there and returns it; undefined where nothing does. */
function take(whole: unknown, path: readonly PropertyKey[]): unknown {
  const last = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>((at, step) => (isHolder(at) ? at[step] : undefined), whole);
  if (last === undefined || !isHolder(holder) || !Object.hasOwn(holder, last)) return undefined;
  const { [last]: part } = holder;
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  // `null` and the like were there, too.
  return part ?? null;
}

function keep(into: Table, path: readonly PropertyKey[], part: unknown): void {
  const [first, ...others] = path;
  if (first === undefined || path.includes('__proto__')) return;
  if (others.length === 0) into[first] = part;
  else {
    const { [first]: known = {} } = into;
    into[first] = known;
    keep(known as Table, others, part);
  }
}

const isHolder = (value: unknown): value is Table => typeof value === 'object' && value !== null;

const isTable = (value: unknown): value is Table => isHolder(value) && !Array.isArray(value);
