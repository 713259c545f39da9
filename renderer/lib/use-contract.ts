// Everything pages know of the engine: cached answers, kept fresh by the one stream of changes.
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient, skipToken, useQuery } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { findMainKey } from '../../shared/client-keys.ts';
import type { Change } from '../../shared/contract.ts';
import type { AgentQuestion } from '../../shared/projects.ts';
import type { RequestView } from '../../shared/requests.ts';
import type { ClientKeyView } from '../../shared/views.ts';
import { type ChangeFeed, type ChangeFeedOptions, type Connection, createChangeFeed } from './change-feed.ts';
import type { Client } from './client.ts';

/** The calls of the contract as options for TanStack Query. */
type Queries = ReturnType<typeof createTanstackQueryUtils<Client>>;

/** What the whole window shares. */
export interface ContractAccess {
  readonly client: Client;
  readonly queries: Queries;
  readonly queryClient: QueryClient;
  readonly feed: ChangeFeed;
}

/** How many requests the Overview shows. */
const LATEST_COUNT = 8;

/** Opens the window's access to the engine; whoever opened it closes `feed`. */
export function openContract(client: Client, options: Omit<ChangeFeedOptions, 'client'> = {}): ContractAccess {
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: 1, refetchOnWindowFocus: false } },
  });
  const queries = createTanstackQueryUtils(client);
  const feed = createChangeFeed({ client, ...options });
  let before = feed.connection();
  feed.onConnection(() => {
    // What happened while the line was cut was not told; ask for all of it once.
    if (feed.connection() === 'live' && before === 'lost') void queryClient.invalidateQueries();
    before = feed.connection();
  });
  feed.onChange((change) => writeChange(queryClient, queries, change));
  return { client, queries, queryClient, feed };
}

function writeChange(queryClient: QueryClient, queries: Queries, change: Change): void {
  switch (change.type) {
    case 'status':
      queryClient.setQueryData(queries.status.read.queryKey(), change.status);
      return;
    case 'accounts':
      queryClient.setQueryData(queries.accounts.list.queryKey(), change.accounts);
      return;
    case 'keys':
      queryClient.setQueryData(queries.keys.list.queryKey(), change.keys);
      return;
    case 'settings':
      queryClient.setQueryData(queries.settings.read.queryKey(), change.settings);
      return;
    case 'models':
      void queryClient.invalidateQueries({ queryKey: queries.models.key() });
      return;
    case 'projects':
      queryClient.setQueryData(queries.projects.list.queryKey(), change.projects);
      return;
    case 'questions':
      queryClient.setQueryData(QUESTIONS_KEY, change.questions);
      return;
    case 'sessions':
      return; // the page that shows them listens itself, and asks at its own pace
    case 'requests':
      queryClient.setQueryData(latestKey(queries), (latest) =>
        latest === undefined ? latest : mergeLatest(latest, change.requests),
      );
  }
}

/** Questions are told, never asked for. */
const QUESTIONS_KEY = ['questions'];

function latestKey(queries: Queries) {
  return queries.requests.list.queryKey({ input: { limit: LATEST_COUNT } });
}

function mergeLatest(latest: { requests: RequestView[]; total: number }, changed: readonly RequestView[]) {
  const byId = new Map(latest.requests.map((request) => [request.id, request]));
  for (const request of changed) byId.set(request.id, request);
  const requests = [...byId.values()].sort(compareNewestFirst).slice(0, LATEST_COUNT);
  return { ...latest, requests };
}

/** Order of the request log: newest first, ties by id. */
export function compareNewestFirst(one: RequestView, other: RequestView): number {
  return other.at - one.at || (other.id > one.id ? 1 : -1);
}

/** Carries the access to every component. */
export const ContractContext = createContext<ContractAccess | undefined>(undefined);

/** The access that the window opened. */
export function useContract(): ContractAccess {
  const access = useContext(ContractContext);
  if (access === undefined) throw new Error('The contract is used outside of its provider.');
  return access;
}

/** How the line to the engine is. */
export function useConnection(): Connection {
  const { feed } = useContract();
  return useSyncExternalStore(feed.onConnection, feed.connection);
}

/** State of the whole application. */
export function useStatus() {
  return useQuery(useContract().queries.status.read.queryOptions());
}

/** All accounts, in the person's order. */
export function useAccounts() {
  return useQuery(useContract().queries.accounts.list.queryOptions());
}

/** All providers, with their ways of signing in. */
export function useProviders() {
  return useQuery(useContract().queries.accounts.providers.queryOptions());
}

/** All client keys. */
export function useKeys() {
  return useQuery(useContract().queries.keys.list.queryOptions());
}

/** The client key that is meant where nobody chooses one; undefined until it is known. */
export function useMainKey(): ClientKeyView | undefined {
  const now = useNow(60_000);
  return findMainKey(useKeys().data ?? [], now);
}

/** The models that can be asked for now. */
export function useModels() {
  return useQuery(useContract().queries.models.list.queryOptions({ input: { refresh: false } }));
}

/** The settings as they hold now. */
export function useSettings() {
  return useQuery(useContract().queries.settings.read.queryOptions());
}

/** All projects. */
export function useProjects() {
  return useQuery(useContract().queries.projects.list.queryOptions());
}

const NO_QUESTIONS: readonly AgentQuestion[] = [];

/** What agents wait to hear from the person, oldest first. */
export function useQuestions(): readonly AgentQuestion[] {
  const { data } = useQuery<readonly AgentQuestion[]>({
    queryKey: QUESTIONS_KEY,
    queryFn: skipToken,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data ?? NO_QUESTIONS;
}

/** The newest requests, kept fresh. */
export function useLatestRequests() {
  return useQuery(useContract().queries.requests.list.queryOptions({ input: { limit: LATEST_COUNT } }));
}

const TRAFFIC_PAUSE_MS = 2000;

/** The last 24 hours; asked for again when they are shown anew, soon after requests came in, and once a minute. */
export function useTraffic() {
  const { feed, queries } = useContract();
  const query = useQuery(queries.status.traffic.queryOptions({ refetchInterval: 60_000, staleTime: 0 }));
  const { refetch } = query;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = feed.onChange((change) => {
      if (change.type !== 'requests' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        void refetch();
      }, TRAFFIC_PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [feed, refetch]);
  return query;
}

/** The time, anew every `everyMs` milliseconds; stands still where `everyMs` is undefined. */
export function useNow(everyMs: number | undefined): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === undefined) return;
    // It may have stood still for long: what begins to run down now must not begin with that time.
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
