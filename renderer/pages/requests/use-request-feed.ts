// The rows of the Requests page: pages of the log, joined with what comes in live. Rows that begin while the reader is not
// at the top wait, so that nothing moves under the eyes.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RequestQuery, RequestView } from '../../../shared/views.ts';
import { compareNewestFirst, useContract } from '../../lib/use-contract.ts';

/** What narrows the list. */
export type RequestFilter = Pick<RequestQuery, 'state' | 'account' | 'search'>;

const PAGE_SIZE = 200;

/** Rows newest first, with the ways to more of them. */
export function useRequestFeed(filter: RequestFilter) {
  const { client, feed } = useContract();
  const query = useInfiniteQuery({
    queryKey: ['request-feed', filter],
    queryFn: ({ pageParam, signal }) =>
      client.requests.list(
        { ...filter, limit: PAGE_SIZE, ...(pageParam === undefined ? {} : { before: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as RequestQuery['before'],
    getNextPageParam: ({ requests }) => {
      const last = requests.at(-1);
      return last === undefined || requests.length < PAGE_SIZE ? undefined : { at: last.at, id: last.id };
    },
    // Rows that were read before this visit may have changed unseen.
    gcTime: 0,
  });

  const [live, setLive] = useState<ReadonlyMap<string, RequestView>>(new Map());
  const [waiting, setWaiting] = useState<readonly RequestView[]>([]);
  const atTop = useRef(true);
  const known = useRef<ReadonlySet<string>>(new Set());
  const read = useMemo(() => query.data?.pages.flatMap((page) => page.requests) ?? [], [query.data]);
  const rows = useMemo(() => joinRows(read, live), [read, live]);
  known.current = useMemo(() => new Set(rows.map((row) => row.id)), [rows]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another list
  useEffect(() => {
    setLive(new Map());
    setWaiting([]);
  }, [filter]);

  useEffect(
    () =>
      feed.onChange((change) => {
        if (change.type !== 'requests') return;
        const shown = change.requests.filter(
          (row) => known.current.has(row.id) || (atTop.current && fits(row, filter)),
        );
        const held = change.requests.filter((row) => !known.current.has(row.id) && !atTop.current && fits(row, filter));
        if (shown.length > 0) setLive((before) => withRows(before, shown));
        if (held.length > 0)
          setWaiting((before) => [...withRows(new Map(before.map((row) => [row.id, row])), held).values()]);
      }),
    [feed, filter],
  );

  const showWaiting = useCallback(() => {
    setWaiting((held) => {
      if (held.length > 0) setLive((before) => withRows(before, held));
      return [];
    });
  }, []);
  const reportTop = useCallback(
    (top: boolean) => {
      atTop.current = top;
      if (top) showWaiting();
    },
    [showWaiting],
  );

  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  const unread = rows.length - read.length + waiting.length;
  const total = (query.data?.pages[0]?.total ?? 0) + Math.max(0, unread);
  return { query, rows, total, waiting: waiting.length, reportTop, loadMore, loadingMore: isFetchingNextPage };
}

function withRows(
  rows: ReadonlyMap<string, RequestView>,
  more: readonly RequestView[],
): ReadonlyMap<string, RequestView> {
  const joined = new Map(rows);
  for (const row of more) joined.set(row.id, row);
  return joined;
}

function joinRows(read: readonly RequestView[], live: ReadonlyMap<string, RequestView>): readonly RequestView[] {
  if (live.size === 0) return read;
  const ids = new Set(read.map((row) => row.id));
  const fresh = [...live.values()].filter((row) => !ids.has(row.id)).sort(compareNewestFirst);
  return [...fresh, ...read.map((row) => live.get(row.id) ?? row)];
}

/** Whether a row belongs into a filtered list; the same rule as the log's own. */
export function fits(row: RequestView, { state, account, search }: RequestFilter): boolean {
  if (state !== undefined && row.state !== state) return false;
  if (account !== undefined && row.account !== account) return false;
  if (search === undefined || search === '') return true;
  const words = [row.client, row.modelAsked, row.modelUsed, row.account, row.errorText].join('\n').toLowerCase();
  return words.includes(search.toLowerCase());
}
