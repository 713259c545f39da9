// The list of clients that we know to work. Every guide names the path that it speaks to, so that only clients of a
// dialect that the door knows are shown.
import { AGENT_GUIDES } from './agent-guides.ts';
import { APP_GUIDES } from './app-guides.ts';
import { CODE_GUIDES } from './code-guides.ts';
import type { ClientGuide } from './guide.ts';
import { LOCAL_GUIDES } from './local-guides.ts';

const CLIENT_GUIDES: readonly ClientGuide[] = [...CODE_GUIDES, ...APP_GUIDES, ...AGENT_GUIDES, ...LOCAL_GUIDES];

/** The guides for clients whose path is among those that the door answers. */
export function guidesFor(routes: readonly string[]): readonly ClientGuide[] {
  return CLIENT_GUIDES.filter(({ path }) => routes.some((route) => route.startsWith(path)));
}
