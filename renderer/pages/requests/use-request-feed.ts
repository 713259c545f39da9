// The rows of the Requests page: pages of the log, joined with what comes in live. Rows that begin while the reader is not
// at the top wait, so that nothing moves under the eyes.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RequestQuery, RequestView } from '../../../shared/requests.ts';
import { compareNewestFirst, useContract } from '../../lib/use-contract.ts';

/** What narrows the list. */
export type RequestFilter = Pick<RequestQuery, 'state' | 'account' | 'key' | 'search'>;

/** The first rows come quickly; who scrolls on gets more at a time. */
const sizeOfPage = (before: RequestQuery['before']) => (before === undefined ? 200 : 500);

/** Rows newest first, with the ways to more of them. */
export function useRequestFeed(filter: RequestFilter) {
  const { client, feed } = useContract();
  const query = useInfiniteQuery({
    queryKey: ['request-feed', filter],
    queryFn: ({ pageParam, signal }) =>
      client.requests.list(
        { ...filter, limit: sizeOfPage(pageParam), ...(pageParam === undefined ? {} : { before: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as RequestQuery['before'],
    getNextPageParam: ({ requests }, _pages, before) => {
      const last = requests.at(-1);
      return last === undefined || requests.length < sizeOfPage(before) ? undefined : { at: last.at, id: last.id };
    },
    // Comparing a hundred thousand rows after each page would be felt.
    structuralSharing: false,
    // Rows that were read before this visit may have changed unseen.
    gcTime: 0,
  });

  const [live, setLive] = useState<Rows>(NO_ROWS);
  const [waiting, setWaiting] = useState<Rows>(NO_ROWS);
  const atTop = useRef(true);
  const read = useMemo(() => query.data?.pages.flatMap((page) => page.requests) ?? [], [query.data]);
  const places = useMemo(() => new Map(read.map((row, index) => [row.id, index])), [read]);
  const rows = useMemo(() => joinRows(read, places, live), [read, places, live]);
  const isKnown = useRef((_id: string): boolean => false);
  isKnown.current = (id) => places.has(id) || live.has(id);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another list
  useEffect(() => {
    setLive(NO_ROWS);
    setWaiting(NO_ROWS);
  }, [filter]);

  // After a cut the log is read anew; what came live before it may be out of date by now.
  useEffect(
    () =>
      feed.onConnection(() => {
        if (feed.connection() !== 'live') return;
        setLive(NO_ROWS);
        setWaiting(NO_ROWS);
      }),
    [feed],
  );

  useEffect(
    () =>
      feed.onChange((change) => {
        if (change.type !== 'requests') return;
        const fitting = change.requests.filter((row) => isKnown.current(row.id) || fits(row, filter));
        const shown = fitting.filter((row) => isKnown.current(row.id) || atTop.current);
        const held = fitting.filter((row) => !shown.includes(row));
        if (shown.length > 0) setLive((before) => withRows(before, shown));
        if (held.length > 0) setWaiting((before) => withRows(before, held));
      }),
    [feed, filter],
  );

  const reportTop = useCallback(
    (top: boolean) => {
      atTop.current = top;
      if (!top || waiting.size === 0) return;
      setLive((before) => withRows(before, [...waiting.values()]));
      setWaiting(NO_ROWS);
    },
    [waiting],
  );
  const forget = useCallback(() => {
    setLive((before) => new Map([...before].filter(([, row]) => row.state === 'running')));
    setWaiting(NO_ROWS);
  }, []);

  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  const unread = rows.length - read.length + waiting.size;
  const total = (query.data?.pages[0]?.total ?? 0) + Math.max(0, unread);
  return { query, rows, total, waiting: waiting.size, reportTop, forget, loadMore, loadingMore: isFetchingNextPage };
}

type Rows = ReadonlyMap<string, RequestView>;

const NO_ROWS: Rows = new Map();

function withRows(rows: Rows, more: readonly RequestView[]): Rows {
  return new Map([...rows, ...more.map((row) => [row.id, row] as const)]);
}

/** Rows that were read, each in its newest state, below those that began since. */
function joinRows(
  read: readonly RequestView[],
  places: ReadonlyMap<string, number>,
  live: Rows,
): readonly RequestView[] {
  if (live.size === 0) return read;
  const newest = [...read];
  const fresh: RequestView[] = [];
  for (const row of live.values()) {
    const place = places.get(row.id);
    if (place === undefined) fresh.push(row);
    else newest[place] = row;
  }
  return [...fresh.sort(compareNewestFirst), ...newest];
}

/** Whether a row belongs into a filtered list; the same rule as the log's own. */
function fits(row: RequestView, { state, account, key, search }: RequestFilter): boolean {
  if (state !== undefined && row.state !== state) return false;
  if (account !== undefined && row.account !== account) return false;
  if (key !== undefined && row.key !== key) return false;
  if (search === undefined || search === '') return true;
  const words = [row.client, row.key, row.modelAsked, row.modelUsed, row.account, row.errorText]
    .join('\n')
    .toLowerCase();
  return words.includes(search.toLowerCase());
}
