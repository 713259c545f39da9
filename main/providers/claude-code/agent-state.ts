// What is kept of an agent's session between its turns: which of the program's own sessions it is, whose, and where.
import { z } from 'zod';

const AgentState = z.object({
  /** The program's own id of the session. */
  session: z.uuid(),
  account: z.string(),
  folder: z.string(),
  /** How many turns it has come to: a program that waits since an earlier one has missed what was said since. */
  turns: z.number(),
  /** What the program that answered last had spent when its turn ended, in US dollars. */
  spentUsd: z.number(),
});
/** Kept between turns. */
export type AgentState = z.infer<typeof AgentState>;

/** The state in `text`, where it belongs to this account and folder; undefined where it does not, or is none. */
export function readAgentState(
  text: string | undefined,
  { account, folder }: Pick<AgentState, 'account' | 'folder'>,
): AgentState | undefined {
  const state = text === undefined ? undefined : readKeptSession(text);
  return state?.account === account && state.folder === folder ? state : undefined;
}

/** The state in `text`, wherever it belongs; undefined where it is none. */
export function readKeptSession(text: string): AgentState | undefined {
  try {
    return AgentState.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The text of a state. */
export const writeAgentState = (state: AgentState): string => JSON.stringify(state);

/** Where a program waits that knows all of our session `id` up to this state. */
export const namePoint = (id: string, { session, turns }: Pick<AgentState, 'session' | 'turns'>): string =>
  JSON.stringify([id, session, turns]);
