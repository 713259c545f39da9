// Names that several files of this folder need, and the names of a client's tools on their way to the upstream and back.
import { createHash } from 'node:crypto';

/** The provider's id. */
export const ID = 'claude-code';

/** The name under which the client's tools are offered to the program. */
export const TOOL_SERVER = 'gw';

/** What the program puts before the name of a client's tool, so that it cannot collide with its own. */
const TOOL_PREFIX = `mcp__${TOOL_SERVER}__`;

/** What the upstream takes, and the program's prefix with it. */
const MOST_CHARACTERS = 128 - TOOL_PREFIX.length;

/** The client's tool names in the upstream's form, and back. */
export interface ToolNames {
  /** The short name that the tool is offered by; the program adds its prefix. */
  offer(name: string): string;
  /** The name of a call in the conversation. */
  write(name: string): string;
  /** The client's own name of a tool that the model called. */
  read(name: string): string;
}

/** The names of these tools, each its own; a name that is none of them is only made to fit. */
export function createToolNames(tools: readonly { readonly name: string }[]): ToolNames {
  const offered = new Map<string, string>();
  const own = new Map<string, string>();
  for (const { name } of tools) {
    if (offered.has(name)) continue;
    const fitted = shorten(name);
    const short = own.has(fitted) ? `${fitted.slice(0, MOST_CHARACTERS - 9)}_${digest(name)}` : fitted;
    offered.set(name, short);
    own.set(short, name);
  }
  const offer = (name: string) => offered.get(name) ?? shorten(name);
  return {
    offer,
    write: (name) => TOOL_PREFIX + offer(name),
    read: (name) => {
      const short = name.startsWith(TOOL_PREFIX) ? name.slice(TOOL_PREFIX.length) : name;
      return own.get(short) ?? short;
    },
  };
}

/** The upstream knows only these characters in names, and so many of them. */
function shorten(name: string): string {
  const known = name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  if (known.length <= MOST_CHARACTERS) return known;
  return `${known.slice(0, MOST_CHARACTERS - 9)}_${digest(name)}`;
}

/** A short word that differs where `text` differs. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
