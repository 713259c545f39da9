// Says in plain words what an agent does: one line for each step, and one for how it went. It reads the program's own tools
// by their names and anything else by its first words.
import type { Json, JsonObject } from '../../canonical/conversation.ts';

const MOST_CHARACTERS = 300;
/** The input that says most of a tool's call, by the tool. */
const TELLING: Readonly<Record<string, string>> = {
  Bash: 'command',
  Read: 'file_path',
  Edit: 'file_path',
  Write: 'file_path',
  NotebookEdit: 'notebook_path',
  Glob: 'pattern',
  Grep: 'pattern',
  WebFetch: 'url',
  WebSearch: 'query',
  Task: 'description',
  Agent: 'description',
};
const FILES: ReadonlySet<string> = new Set(['Read', 'Edit', 'Write', 'NotebookEdit']);

/** What a call is about: the command, the file below `folder`, the address; empty where it takes nothing. */
export function describeCall(tool: string, input: JsonObject, folder: string): string {
  const telling = TELLING[tool];
  const value = telling === undefined ? undefined : input[telling];
  if (typeof value === 'string') return shorten(FILES.has(tool) ? relate(value, folder) : value);
  return Object.keys(input).length === 0 ? '' : shorten(JSON.stringify(input));
}

/** `Edit src/a.ts`, `Bash: npm test`. */
export function describeStep(tool: string, input: JsonObject, folder: string): string {
  const what = describeCall(tool, input, folder);
  if (what === '') return tool;
  return FILES.has(tool) ? `${tool} ${what}` : `${tool}: ${what}`;
}

/** `ok`, or `failed: ` with the first line of what the tool says. */
export function describeOutcome(isError: boolean, content: Json | undefined): string {
  if (!isError) return 'ok';
  const said = typeof content === 'string' ? content : readTexts(content);
  const lines = said.replaceAll(/<\/?tool_use_error>/g, '').split('\n');
  const [first, second] = lines.filter((line) => line.trim() !== '');
  if (first === undefined) return 'failed';
  // The number alone says little.
  return `failed: ${shorten(/^Exit code \d+$/.test(first) && second !== undefined ? `${first}: ${second}` : first)}`;
}

function readTexts(content: Json | undefined): string {
  if (!Array.isArray(content)) return '';
  return content.map((block: JsonObject) => (typeof block?.text === 'string' ? block.text : '')).join('\n');
}

function relate(file: string, folder: string): string {
  return file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`) ? file.slice(folder.length + 1) : file;
}

/** In one line. */
export function shorten(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ');
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}
