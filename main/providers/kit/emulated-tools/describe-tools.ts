// The words that teach a model without tool calling to call tools in its text. What is too large is said more briefly in
// steps; no tool, no parameter and no part of the form is ever cut.
import type { Json, JsonObject, Tool } from '../../../canonical/conversation.ts';
import { ANSWER_TAG, CALL_TAG, type ToolPlan, writeCall } from './plan.ts';

/** The description of the tools, and how much of their own words it has kept. */
export interface ToolsText {
  readonly text: string;
  readonly detail: Detail;
}

/** `full`: as the client said it; `brief`: first sentences, no examples; `bare`: names, types and what is required. */
export type Detail = 'full' | 'brief' | 'bare';

const DETAILS: readonly Detail[] = ['full', 'brief', 'bare'];

/** Describes the tools of the plan in at most `mostCharacters`, or as briefly as it can. */
export function describeTools(plan: ToolPlan, mostCharacters: number): ToolsText {
  if (plan.choice === 'none') return { text: NO_CALLS, detail: 'full' };
  const tools = [...plan.tools.values()];
  const rules = writeRules(plan);
  const texts = DETAILS.map((detail) => () => {
    const list = tools.map((tool) => writeTool(tool, detail)).join('\n');
    return { text: `# Tools\n\nYou can call these tools, one JSON object a line:\n${list}\n\n${rules}`, detail };
  });
  let last: ToolsText | undefined;
  for (const write of texts) {
    last = write();
    if (last.text.length <= mostCharacters) break;
  }
  return last as ToolsText;
}

/** What the last words of the person end with where a call is demanded; undefined where it is not. */
export function remindOfCall({ choice, tools }: ToolPlan): string | undefined {
  if (choice !== 'required') return undefined;
  const [only] = tools.keys();
  const which = tools.size === 1 && only !== undefined ? `the tool "${only}"` : 'a tool';
  return `(Answer by calling ${which}, in the form that was described.)`;
}

const NO_CALLS = `Tools cannot be called now. Answer in words, and write no <${CALL_TAG}>.`;

function writeRules(plan: ToolPlan): string {
  const example = writeCall('NAME', '{"PARAMETER":"value"}');
  const rules = [
    `To call a tool, write exactly this, on lines of its own, outside of any code block:\n${example}`,
    'The text between the tags is one JSON object: "name" is one of the names above, "arguments" an object that fits its ' +
      '"parameters". Escape quotes and line breaks within strings as JSON demands.',
    plan.parallel
      ? 'To call several tools at once, write one such block after the other.'
      : 'Call at most one tool in an answer.',
    `After the calls, stop: the tools' results come in the next message, in <${ANSWER_TAG}> blocks. Never write those yourself.`,
    plan.choice === 'required'
      ? 'Now you must call a tool; do not answer in words alone.'
      : 'Where no tool is needed, just answer in words, without these tags.',
  ];
  return rules.join('\n');
}

function writeTool({ name, description, parameters }: Tool, detail: Detail): string {
  const words = description === undefined || detail === 'full' ? description : cutSentence(description);
  return JSON.stringify({
    name,
    ...(words ? { description: words } : {}),
    parameters: shorten(parameters ?? { type: 'object', properties: {} }, detail),
  });
}

/** What says nothing about which arguments are allowed. */
const ANNOTATIONS: ReadonlySet<string> = new Set(['title', 'examples', 'example', '$schema', '$id', '$comment']);
/** Schemas by name, whose names are not keywords. */
const NAMED: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
/** Values, whose insides are no schema. */
const VALUES: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'required']);

function shorten(schema: Json, detail: Detail): Json {
  if (detail === 'full' || typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item) => shorten(item, detail));
  const entries = Object.entries(schema as JsonObject).flatMap(([key, value]): [string, Json][] => {
    if (ANNOTATIONS.has(key)) return [];
    if (VALUES.has(key)) return [[key, value]];
    if (key === 'description' && typeof value === 'string') {
      return detail === 'bare' ? [] : [[key, cutSentence(value)]];
    }
    if (NAMED.has(key) && typeof value === 'object' && value !== null) {
      const named = Object.entries(value).map(([name, inner]): [string, Json] => [
        name,
        shorten(inner as Json, detail),
      ]);
      return [[key, Object.fromEntries(named)]];
    }
    return [[key, shorten(value, detail)]];
  });
  return Object.fromEntries(entries);
}

const LONGEST_SENTENCE = 160;

/** The first sentence, or the first words of a very long one. */
function cutSentence(text: string): string {
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(text.trim())?.[0] ?? text.trim();
  const line = sentence.split('\n\n')[0]?.replace(/\s+/g, ' ') ?? '';
  if (line.length <= LONGEST_SENTENCE) return line;
  return `${line.slice(0, line.lastIndexOf(' ', LONGEST_SENTENCE) || LONGEST_SENTENCE)} …`;
}
