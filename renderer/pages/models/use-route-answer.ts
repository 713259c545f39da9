// What the gateway would do with a name now: asked while it is typed, and again whenever something that decides has changed.
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { RouteQuestion } from '../../../shared/routing.ts';
import { useContract } from '../../lib/use-contract.ts';

const TYPING_MS = 150;
/** Under load accounts change with every request; the way of a name hardly ever does. */
const PAUSE_MS = 500;

/** The answer to the question as it was a moment ago; undefined while there is no name. */
export function useRouteAnswer(question: RouteQuestion) {
  const { queries, feed } = useContract();
  const [settled] = useDebouncedValue(JSON.stringify(question), TYPING_MS);
  const asked = JSON.parse(settled) as RouteQuestion;
  const isAsked = asked.model !== '';
  const query = useQuery({
    ...queries.routing.test.queryOptions({ input: asked }),
    enabled: isAsked,
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
  const { refetch } = query;
  useEffect(() => {
    if (!isAsked) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = feed.onChange(({ type }) => {
      if ((type !== 'accounts' && type !== 'settings' && type !== 'models') || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        void refetch();
      }, PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [feed, refetch, isAsked]);
  return { ...query, asked, data: isAsked ? query.data : undefined };
}
