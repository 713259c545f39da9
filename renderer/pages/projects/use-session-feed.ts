// The rows of the sessions' table, read page by page and read anew a moment after the engine said that some changed.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SessionQuery, SessionView } from '../../../shared/projects.ts';
import { useContract } from '../../lib/use-contract.ts';

/** What narrows the list. */
export type SessionFilter = Pick<SessionQuery, 'projectId' | 'search'>;

const PAGE_ROWS = 200;

/** While an agent works, every step is a change. */
const PAUSE_MS = 700;

/** Rows newest first, with the way to more of them; while the reader is below the top (`onTop`), none changes its place. */
export function useSessionFeed(filter: SessionFilter) {
  const { client, feed, queryClient } = useContract();
  const query = useInfiniteQuery({
    queryKey: ['session-feed', filter],
    queryFn: ({ pageParam, signal }) =>
      client.sessions.list({ ...filter, offset: pageParam, limit: PAGE_ROWS }, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ total, sessions }, pages) => {
      const read = pages.reduce((count, page) => count + page.sessions.length, 0);
      return sessions.length === 0 || read >= total ? undefined : read;
    },
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = feed.onChange((change) => {
      if (change.type !== 'sessions' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries({ queryKey: ['session-feed'] });
      }, PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [feed, queryClient]);

  const [isAtTop, setIsAtTop] = useState(true);
  // Other rows are read from their top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each filter is another list
  useEffect(() => setIsAtTop(true), [filter]);
  const order = useRef<readonly string[]>([]);
  // A session that moves up between two readings is on two pages; the first of them is the newer reading.
  const rows = useMemo(() => {
    const byId = new Map<string, SessionView>();
    for (const row of query.data?.pages.flatMap(({ sessions }) => sessions) ?? [])
      if (!byId.has(row.id)) byId.set(row.id, row);
    const fresh = [...byId.values()];
    return isAtTop ? fresh : keepPlaces(order.current, fresh);
  }, [query.data, isAtTop]);
  useEffect(() => {
    order.current = rows.map(({ id }) => id);
  }, [rows]);
  const refresh = useCallback(() => void queryClient.invalidateQueries({ queryKey: ['session-feed'] }), [queryClient]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return { query, rows, total: query.data?.pages[0]?.total ?? 0, loadMore, refresh, onTop: setIsAtTop };
}

/** The rows that were there before in their old places, the others behind them. */
export function keepPlaces<Row extends { readonly id: string }>(
  before: readonly string[],
  rows: readonly Row[],
): Row[] {
  const places = new Map(before.map((id, place) => [id, place]));
  const placeOf = ({ id }: Row) => places.get(id) ?? before.length;
  return [...rows].sort((one, other) => placeOf(one) - placeOf(other));
}
