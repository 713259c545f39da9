// Other programs' spellings of a model's name, turned into Kiro's. Pure: which models there are is not known here.

/** Kiro's spelling of a name, and the effort that some clients write at its end. */
export interface NormalName {
  readonly name: string;
  readonly effort?: string;
}

const EFFORTS = 'none|minimal|low|medium|high|xhigh|max';
const EFFORT_END = new RegExp(`-(${EFFORTS})$`);
const DATE = '-\\d{8}';

/** Each takes a lower-case name and gives Kiro's spelling, or undefined where it does not fit; tried in this order. */
const RULES: readonly ((name: string) => string | undefined)[] = [
  // claude-haiku-4-5-20251001: the two numbers belong together.
  (name) => {
    const found = /^claude-([a-z]+)-(\d{1,2})-(\d{1,2})(?:-\d+|-latest)*$/.exec(name);
    return found === null ? undefined : `claude-${found[1]}-${found[2]}.${found[3]}`;
  },
  // claude-sonnet-4-20250514, claude-sonnet-4-latest
  (name) => {
    const found = /^claude-([a-z]+)-(\d{1,2})(?:-\d{3,}|-latest)*$/.exec(name);
    return found === null ? undefined : `claude-${found[1]}-${found[2]}`;
  },
  // claude-3-7-sonnet-20250219: the old order stays.
  (name) => {
    const found = /^claude-(\d{1,2})-(\d{1,2})-([a-z]+)(?:-\d{3,}|-latest)*$/.exec(name);
    return found === null ? undefined : `claude-${found[1]}.${found[2]}-${found[3]}`;
  },
  // claude-haiku-4.5-20251001 and claude-3.7-sonnet-20250219: a dotted name loses its date.
  (name) => new RegExp(`^(claude-(?:[a-z]+-\\d+\\.\\d+|\\d+\\.\\d+-[a-z]+))(?:${DATE}|-latest)$`).exec(name)?.[1],
  // claude-4.5-opus-high: the old order with anything behind it is how one editor writes the new one.
  (name) => {
    const found = /^claude-(\d{1,2}\.\d{1,2})-([a-z]+)-.+$/.exec(name);
    return found === null ? undefined : `claude-${found[2]}-${found[1]}`;
  },
];

/** Kiro's spelling of `name`; what fits no rule comes back as it is. Writing its answer anew changes nothing. */
export function normaliseModelName(name: string): NormalName {
  let read: NormalName = { name };
  // A name gets shorter or more regular with each round, and there is not much that one can carry.
  for (let round = 0; round <= name.length; round += 1) {
    const next = normaliseOnce(read);
    if (next.name === read.name) return read;
    read = next;
  }
  return read;
}

function normaliseOnce({ name, effort }: NormalName): NormalName {
  const bare = name.replace(/\[\d+[mk]\]$/i, '').replace(/^kiro[/-](?=.)/i, '');
  const lower = bare.toLowerCase();
  const found = RULES.map((rule) => rule(lower)).find((result) => result !== undefined);
  // Only one family's names are known well enough to say that the word at the end is none of them.
  const end = lower.startsWith('claude-') ? EFFORT_END.exec(lower)?.[1] : undefined;
  const said = effort ?? end;
  if (found !== undefined) return withEffort(found, said);
  if (end !== undefined) return withEffort(lower.slice(0, -end.length - 1), said);
  return withEffort(bare === name ? name : bare, effort);
}

const withEffort = (name: string, effort: string | undefined): NormalName =>
  effort === undefined ? { name } : { name, effort };

/** The name without an effort at its end, for names that only a list can tell from a model's own. */
export function splitEffort(name: string): NormalName {
  const effort = EFFORT_END.exec(name.toLowerCase())?.[1];
  return effort === undefined || effort.length + 1 >= name.length
    ? { name }
    : { name: name.slice(0, -effort.length - 1), effort };
}
