// The client's tools by Kimi's rules: names of three to 64 plain characters, each once, schemas in Kimi's form; and how the
// model is made to call one where it has no setting for it.
import { createHash } from 'node:crypto';
import type { ConversationRequest, Tool, ToolChoice } from '../../canonical/conversation.ts';
import type { Family } from './families.ts';
import type { KimiAccount } from './options.ts';
import { writeKimiSchema } from './tool-schema.ts';

/** Names on their way to the upstream and back. */
export interface ToolNames {
  write(name: string): string;
  /** The client's own name; an unknown one stays as it is. */
  read(name: string): string;
}

const MOST_CHARACTERS = 64;
const LEAST_CHARACTERS = 3;

/** The names of these tools, each its own; deterministic, so that a name is the same in every turn. */
export function createToolNames(names: Iterable<string>): ToolNames {
  const written = new Map<string, string>();
  const own = new Map<string, string>();
  const add = (name: string): string => {
    const fitted = fitName(name);
    const wire = own.has(fitted) ? addDigest(fitted, name) : fitted;
    written.set(name, wire);
    own.set(wire, name);
    return wire;
  };
  // Names that need no change keep theirs, whatever others become.
  const all = [...new Set(names)];
  for (const name of all) if (fitName(name) === name) add(name);
  for (const name of all) if (!written.has(name)) add(name);
  return {
    write: (name) => written.get(name) ?? add(name),
    read: (name) => own.get(name) ?? name,
  };
}

function fitName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const begun = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
  if (begun.length > MOST_CHARACTERS) return addDigest(begun, name);
  return begun.length < LEAST_CHARACTERS ? `${begun}_tool` : begun;
}

function addDigest(plain: string, name: string): string {
  const tail = `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  return plain.slice(0, MOST_CHARACTERS - tail.length) + tail;
}

/** The tools to send, how they may be chosen, and words for what has no setting. */
export interface WrittenTools {
  readonly tools: readonly Tool[] | undefined;
  readonly toolChoice: ToolChoice | undefined;
  /** To be said to the model after everything else. */
  readonly words: string | undefined;
}

/** The request's tools in the upstream's form. */
export function writeTools(
  request: Pick<ConversationRequest, 'tools' | 'toolChoice'>,
  { names, family, account }: { names: ToolNames; family: Family; account: KimiAccount },
  note: (text: string) => void,
): WrittenTools {
  const { toolChoice } = request;
  const given = dropRepeated(request.tools ?? [], note).map((tool) => writeTool(tool, names, account));
  if (given.length === 0) return { tools: undefined, toolChoice: undefined, words: undefined };
  const choice = chooseByForm(toolChoice, names, { family, account });
  if (choice === 'left-out') return { tools: undefined, toolChoice: undefined, words: undefined };
  const only = toolChoice?.type === 'tool' ? names.write(toolChoice.name) : undefined;
  // The model can call no other where there is no other.
  const tools = only === undefined || choice.type === 'tool' ? given : given.filter(({ name }) => name === only);
  if (choice.type !== 'words')
    return { tools, toolChoice: choice.type === 'auto' ? undefined : choice, words: undefined };
  note('This model cannot be made to call a tool; it was asked to in words.');
  const which = only === undefined ? 'one of your tools' : `the tool ${only}`;
  return { tools, toolChoice: undefined, words: `Answer by calling ${which}. Do not answer in text.` };
}

type Chosen = ToolChoice | { readonly type: 'words' } | 'left-out';

function chooseByForm(
  choice: ToolChoice | undefined,
  names: ToolNames,
  { family, account }: { family: Family; account: KimiAccount },
): Chosen {
  if (choice === undefined || choice.type === 'auto') return { type: 'auto' };
  if (account.rawTools) return choice.type === 'none' ? 'left-out' : { type: 'words' };
  if (choice.type === 'none') return choice;
  // An engine of the person's own holds the model to its choice by itself.
  if (account.region === undefined)
    return choice.type === 'tool' ? { type: 'tool', name: names.write(choice.name) } : choice;
  return family.canRequireTools ? { type: 'required' } : { type: 'words' };
}

function writeTool(tool: Tool, names: ToolNames, { region }: KimiAccount): Tool {
  const named = { ...tool, name: names.write(tool.name) };
  if (region === undefined) return named;
  // Without a word a schema counts as strict, which most are not written for.
  return { ...named, parameters: writeKimiSchema(tool.parameters), strict: tool.strict ?? false };
}

function dropRepeated(tools: readonly Tool[], note: (text: string) => void): readonly Tool[] {
  const once = new Map<string, Tool>();
  for (const tool of tools) {
    if (once.has(tool.name)) note(`The tool ${tool.name} was declared twice; its first declaration was sent.`);
    else once.set(tool.name, tool);
  }
  return [...once.values()];
}
