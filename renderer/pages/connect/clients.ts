// The list of clients that we know to work. Every guide names the path that it speaks to, so that only clients of a
// dialect that the door knows are shown.
import { APP_GUIDES } from './app-guides.ts';
import { CODE_GUIDES } from './code-guides.ts';
import type { ClientGuide } from './guide.ts';

const CLIENT_GUIDES: readonly ClientGuide[] = [...CODE_GUIDES, ...APP_GUIDES];

/** The guides for the paths that the door answers; a dialect's path may be the root of many or one of them. */
export function guidesFor(paths: readonly string[]): readonly ClientGuide[] {
  return CLIENT_GUIDES.filter((guide) =>
    paths.some((path) => guide.path.startsWith(path) || path.startsWith(guide.path)),
  );
}
