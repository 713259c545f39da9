// Reads what a client says of its tools. Tools that Google itself runs (search, code) are nobody else's: left out and noted.
import type { Json, JsonObject, Tool, ToolChoice } from '../../canonical/conversation.ts';
import { asListOrNone, asObject, asString } from '../kit/fields.ts';
import { asFields, asFieldsOrNone, asText, keep } from './fields.ts';
import { readSchema } from './schema.ts';

/** The tools of a request and how they are to be used. */
export interface ReadTools {
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
}

/** Reads the `tools` and `toolConfig` fields; `note` is told in plain words what could not be kept. */
export function readTools(given: Json | undefined, config: Json | undefined, note: (text: string) => void): ReadTools {
  const tools: Tool[] = [];
  const upstreamTools = new Set<string>();
  // A single object is what some hand-written clients send.
  const list = Array.isArray(given) || given == null ? asListOrNone(given, 'tools') : [given];
  for (const [at, value] of list.entries()) {
    const path = `tools[${at}]`;
    const { functionDeclarations, ...others } = asFields(value, path);
    for (const [nth, declared] of asListOrNone(functionDeclarations, `${path}.functionDeclarations`).entries()) {
      tools.push(readDeclaration(declared, `${path}.functionDeclarations[${nth}]`));
    }
    for (const name of Object.keys(others)) upstreamTools.add(name);
  }
  if (upstreamTools.size > 0) note(`Tools that only Google runs were left out: ${[...upstreamTools].join(', ')}.`);
  const { functionCallingConfig, ...rest } = asFieldsOrNone(config, 'toolConfig');
  const unknown = Object.keys(rest);
  if (unknown.length > 0) note(`Settings of tools that only Google knows were left out: ${unknown.join(', ')}.`);
  return chooseTools(tools, asFieldsOrNone(functionCallingConfig, 'toolConfig.functionCallingConfig'), note);
}

function readDeclaration(value: Json, path: string): Tool {
  const { name, description, parameters, parametersJsonSchema, ...extra } = asFields(value, path);
  return {
    name: asString(name, `${path}.name`),
    description: asText(description),
    parameters: readParameters(parameters, parametersJsonSchema, path),
    ...keep(extra),
  };
}

function readParameters(schema: Json | undefined, jsonSchema: Json | undefined, path: string): JsonObject | undefined {
  if (jsonSchema != null) return asObject(jsonSchema, `${path}.parametersJsonSchema`);
  return schema == null ? undefined : readSchema(schema, `${path}.parameters`);
}

function chooseTools(tools: readonly Tool[], config: JsonObject, note: (text: string) => void): ReadTools {
  const names = asListOrNone(config.allowedFunctionNames, 'toolConfig.functionCallingConfig.allowedFunctionNames');
  const mode = asText(config.mode)?.toUpperCase() ?? 'MODE_UNSPECIFIED';
  if (tools.length === 0) {
    if (mode === 'ANY') note('The choice of a tool was left out, as no tool is left to choose.');
    return {};
  }
  if (mode === 'NONE') return { tools, toolChoice: { type: 'none' } };
  if (mode === 'AUTO') return { tools, toolChoice: { type: 'auto' } };
  if (mode !== 'ANY' && mode !== 'VALIDATED') {
    if (mode !== 'MODE_UNSPECIFIED') note(`A way of calling tools that is not known here was left out: ${mode}.`);
    return { tools };
  }
  const allowed = names.length === 0 ? tools : tools.filter(({ name }) => names.includes(name));
  if (allowed.length < tools.length) note('The tools that the model was not to call were left out.');
  if (allowed.length === 0) return {};
  const [only] = allowed;
  if (mode === 'VALIDATED') return { tools: allowed, toolChoice: { type: 'auto' } };
  if (only !== undefined && names.length === 1)
    return { tools: allowed, toolChoice: { type: 'tool', name: only.name } };
  return { tools: allowed, toolChoice: { type: 'required' } };
}
