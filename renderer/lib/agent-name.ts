// The names under which agents are asked for: `agent:ID`, behind an account's or a provider's own name or alone.

/** The name that a client asks for. */
export function writeAgentName(projectId: string): string {
  return `agent:${projectId}`;
}

/** The project's id in a model's name; undefined where it is no agent's. */
export function readAgentName(model: string): string | undefined {
  return /(?:^|\/)agent:([^/]+)$/.exec(model)?.[1];
}
