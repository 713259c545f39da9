// The client's tool names and call ids in the upstream's form, and the names back. Shortening is deterministic: the same
// name is the same in every request of a conversation.
import { createHash } from 'node:crypto';

const MOST_CHARACTERS = 64;
const DIGEST_CHARACTERS = 8;

/** Names on their way to the upstream and back. */
export interface ToolNames {
  /** The upstream's form of a client's name. */
  write(name: string): string;
  /** The client's own name of a tool that the model called; an unknown name stays as it is. */
  read(name: string): string;
}

/** The names of these tools, each its own; those that come first keep theirs where two would be the same. */
export function createToolNames(names: Iterable<string>): ToolNames {
  const written = new Map<string, string>();
  const own = new Map<string, string>();
  const ownLower = new Map<string, string>();
  const add = (name: string): string => {
    const fitted = fitName(name, 'tool');
    const wire = own.has(fitted) ? shorten(fitted, name) : fitted;
    written.set(name, wire);
    own.set(wire, name);
    if (!ownLower.has(wire.toLowerCase())) ownLower.set(wire.toLowerCase(), name);
    return wire;
  };
  for (const name of names) if (!written.has(name)) add(name);
  return {
    write: (name) => written.get(name) ?? add(name),
    // Models sometimes change the case of a name; the upstream compares names without it.
    read: (name) => own.get(name) ?? ownLower.get(name.toLowerCase()) ?? name,
  };
}

/** The upstream's form of a call's id; ids of other upstreams may be longer or hold other characters. */
export function writeToolId(id: string): string {
  const fitted = fitName(id, 'call');
  return fitted === id ? id : shorten(fitted, id);
}

function fitName(name: string, word: string): string {
  if (name === '') return `${word}_${digest(name)}`;
  const known = name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  return known.length <= MOST_CHARACTERS ? known : shorten(known, name);
}

function shorten(known: string, name: string): string {
  const tail = `_${digest(name)}`;
  return known.endsWith(tail) ? known : known.slice(0, MOST_CHARACTERS - tail.length) + tail;
}

const digest = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, DIGEST_CHARACTERS);
