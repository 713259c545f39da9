// Names that several files of this folder need.

/** The provider's id. */
export const ID = 'claude-code';

/** What the program puts before the name of a client's tool, so that it cannot collide with its own. */
const TOOL_PREFIX = 'mcp__gw__';

/** A client's tool name as the program and its upstream take it. */
export function writeToolName(name: string): string {
  return `${TOOL_PREFIX}${name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
}

/** The client's own name of a tool that the model called. */
export function readToolName(name: string): string {
  return name.startsWith(TOOL_PREFIX) ? name.slice(TOOL_PREFIX.length) : name;
}
