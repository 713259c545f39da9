// What a reply with emulated tools may do: which tools, how many calls, and the names of the markup that carries them.
// Types and words only.
import type { Tool } from '../../../canonical/conversation.ts';

/** What the model may call in one reply. */
export interface ToolPlan {
  /** What may be called, by name; for a named choice only that one. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** `none`: the model has seen calls but must make none; `required`: it must make one. */
  readonly choice: 'auto' | 'none' | 'required';
  /** Whether it may make several calls in one reply. */
  readonly parallel: boolean;
  /** Ids that calls of the conversation have already; new ones differ from them. */
  readonly usedIds: ReadonlySet<string>;
}

/** The name of the tag around a call: the one that most open models were trained on. */
export const CALL_TAG = 'tool_call';

/** The name of the tag around a tool's answer. */
export const ANSWER_TAG = 'tool_response';

/** A call in the form that the model is asked to write; `argumentsText` is JSON. */
export function writeCall(name: string, argumentsText: string): string {
  return `<${CALL_TAG}>\n{"name":${JSON.stringify(name)},"arguments":${argumentsText}}\n</${CALL_TAG}>`;
}
