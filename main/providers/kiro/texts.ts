// Texts on their way to the upstream: what it refuses is mended here, and the few sentences that are ours stand here.
import type { Json, JsonObject } from '../../canonical/conversation.ts';

/** Stands where the upstream wants words and the conversation has none; neutral, as models repeat what they read. */
export const PLACEHOLDERS = {
  /** The conversation begins with an answer. */
  beginning: 'The conversation begins here.',
  /** The conversation ends with an answer. */
  end: 'Please go on.',
  /** A turn that holds nothing but the results of tools. */
  results: 'The results of the tool calls are attached.',
  /** A turn that holds nothing but pictures. */
  images: 'See the attached picture.',
  /** An answer that holds nothing but calls; the upstream takes a blank, and there is nothing to repeat. */
  calls: ' ',
  /** An answer without words and calls, as other upstreams may give one. */
  silence: 'No answer came.',
  /** A tool that gave nothing back. */
  result: 'The tool gave no output.',
  /** A call that nobody answered. */
  unanswered: 'This tool call was not carried out.',
  /** A result that is only pictures. */
  shown: 'The picture is attached to this message.',
  /** Stands before what is left of a shortened conversation. */
  shortened: 'The earlier part of this conversation was left out.',
} as const;

const LONE = /\p{Surrogate}/u;
const ALL_LONE = /\p{Surrogate}/gu;

/** `text` without halves of characters, which the upstream cannot read as UTF-8. */
export function mendText(text: string): string {
  return LONE.test(text) ? text.replaceAll(ALL_LONE, '\uFFFD') : text;
}

/** Whether a text says nothing that the upstream would take. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** The arguments of a call as the upstream takes them: an object, its texts mended, no field without a name. */
export function readInput(text: string, note: (text: string) => void): JsonObject {
  if (text.trim() === '') return {};
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    value = text;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return mendObject(value as JsonObject, note);
  note('The arguments of an earlier tool call are no JSON object; they were passed on as text.');
  return { arguments: mendText(text) };
}

/** A JSON value with its texts mended; fields without a name get one. */
export function mendJson(value: Json, note: (text: string) => void): Json {
  if (typeof value === 'string') return mendText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => mendJson(item, note));
  return mendObject(value as JsonObject, note);
}

function mendObject(value: JsonObject, note: (text: string) => void): JsonObject {
  const entries = Object.entries(value).map(([name, inner]): [string, Json] => {
    const mended = mendJson(inner, note);
    if (name !== '') return [mendText(name), mended];
    note('A field without a name in the arguments of a tool call was named "_": the upstream refuses it otherwise.');
    let free = '_';
    while (Object.hasOwn(value, free)) free += '_';
    return [free, mended];
  });
  return Object.fromEntries(entries);
}
