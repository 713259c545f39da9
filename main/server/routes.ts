// Looks up which face answers a path. Exact paths are found at once; those with a `{name}` in them are tried in order.
import type { Protocol, RequestHeaders, Route } from '../protocols/protocol.ts';

/** A route with the face that it belongs to. */
export interface FoundRoute {
  readonly protocol: Protocol;
  readonly route: Route;
  /** What stands in the place of the path's `{…}`, decoded; `''` where it has none. */
  readonly name: string;
}

/** Finds the route of a request; undefined where no face has one. */
export type FindRoute = (method: string, path: string, headers: RequestHeaders) => FoundRoute | undefined;

type Served = Pick<FoundRoute, 'protocol' | 'route'>;

interface Pattern extends Served {
  readonly before: string;
  readonly after: string;
}

/** The methods that a route answers. */
export function listMethods(route: Route): readonly string[] {
  switch (route.action) {
    case 'converse':
    case 'embed':
    case 'images':
    case 'count':
    case 'model-query':
      return ['POST'];
    case 'models':
    case 'model':
    case 'fixed':
      return ['GET', 'HEAD'];
    case 'own':
      return route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
    default:
      return route satisfies never;
  }
}

/** A look-up among all faces. Trailing slashes do not matter; routes with a `when` are asked before those without. */
export function createRouteFinder(protocols: readonly Protocol[]): FindRoute {
  const exact = new Map<string, Served[]>();
  const patterns = new Map<string, Pattern[]>();
  const all = protocols.flatMap((protocol) => protocol.routes.map((route): Served => ({ protocol, route })));
  const isPicky = ({ route }: Served) => Number(route.when !== undefined);
  for (const served of all.sort((one, other) => isPicky(other) - isPicky(one))) {
    const [, before, after = ''] = /^(.*)\{\w+\}(.*)$/.exec(served.route.path) ?? [];
    for (const method of listMethods(served.route)) {
      if (before !== undefined) patterns.set(method, [...(patterns.get(method) ?? []), { ...served, before, after }]);
      else {
        const key = `${method} ${served.route.path}`;
        exact.set(key, [...(exact.get(key) ?? []), served]);
      }
    }
  }
  // What ends in a word of its own is more exact than what takes any end.
  for (const list of patterns.values()) list.sort((one, other) => other.after.length - one.after.length);
  const fits = ({ route }: Served, headers: RequestHeaders) => route.when?.(headers) ?? true;

  return (method, path, headers) => {
    const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const found = exact.get(`${method} ${trimmed}`)?.find((served) => fits(served, headers));
    if (found !== undefined) return { ...found, name: '' };
    for (const { before, after, ...served } of patterns.get(method) ?? []) {
      if (trimmed.length <= before.length + after.length || !fits(served, headers)) continue;
      if (!trimmed.startsWith(before) || !trimmed.endsWith(after)) continue;
      return { ...served, name: decode(trimmed.slice(before.length, trimmed.length - after.length)) };
    }
    return undefined;
  };
}

/** A name that is wrongly encoded is nobody's and stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
