// Where the person is: a page and its parameters, kept in the address behind the `#`, so that it works in a window
// without a server and the browser's own back and forward keep working.
import { useSyncExternalStore } from 'react';

/** Every page there is, in the order of the rail. */
export const PAGE_IDS = ['overview', 'accounts', 'models', 'projects', 'requests', 'connect', 'settings'] as const;

/** Name of a page in the address. */
export type PageId = (typeof PAGE_IDS)[number];

/** A page with its parameters, such as the request that is open. */
export interface Place {
  readonly page: PageId;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads the part of an address behind the `#`; whatever is unknown is the Overview. */
export function readPlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const page = PAGE_IDS.find((id) => id === path);
  if (page === undefined) return { page: 'overview', parameters: {} };
  return { page, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place, to be put behind the page's own. */
export function writePlace(page: PageId, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${page}${query === '' ? '' : `?${query}`}`;
}

/** Goes to a place and leaves a step in the history. */
export function openPlace(page: PageId, parameters: Readonly<Record<string, string>> = {}): void {
  window.location.hash = writePlace(page, parameters);
}

/** Changes the parameters of the present place without a step in the history. */
export function replacePlace(page: PageId, parameters: Readonly<Record<string, string>> = {}): void {
  window.history.replaceState(undefined, '', writePlace(page, parameters));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

/** The present place; renders again when it changes. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(listenToHash, () => window.location.hash);
  return readPlace(hash);
}

function listenToHash(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
