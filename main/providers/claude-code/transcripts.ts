// Forgets what the program has kept of an agent's session, where it keeps it in a home that Patchbay made for an account.
// In a home of the person's the program's record stays: there it belongs to them.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentState, readKeptSession } from './agent-state.ts';

/** Removes the record of the session that `state` tells of from the accounts' homes in `folder`. Never throws. */
export async function forgetTranscript(folder: string, state: string): Promise<void> {
  const kept = readKeptSession(state);
  if (kept !== undefined) await forgetRecord(folder, kept);
}

/** The same for a session of the program's own that is known. */
export async function forgetRecord(
  folder: string,
  { account, session }: Pick<AgentState, 'account' | 'session'>,
): Promise<void> {
  const projects = join(folder, 'homes', account, '.claude', 'projects');
  const names = await readdir(projects).catch(() => []);
  const places = names.flatMap((name) => [join(projects, name, `${session}.jsonl`), join(projects, name, session)]);
  await Promise.all(places.map((place) => rm(place, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})));
}
