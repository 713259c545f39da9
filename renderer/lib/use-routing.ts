// The rules of routing as the window shares them: as they hold, and a way to save them as a whole.
import { useMutation } from '@tanstack/react-query';
import { DEFAULT_ROUTING, type Routing } from '../../shared/routing.ts';
import { describeError } from './describe-error.ts';
import { useContract, useSettings, useStatus } from './use-contract.ts';

/** The rules, and saving. */
export interface RoutingAccess {
  /** The defaults until they are read. */
  readonly routing: Routing;
  /** The configuration file sets them anew at each start. */
  readonly isFixed: boolean;
  readonly isSaving: boolean;
  readonly problem: string | undefined;
  /** Calls back when it went well. */
  save(routing: Routing, onSaved?: () => void): void;
  /** Forgets the last problem. */
  reset(): void;
}

/** The rules as they hold now. */
export function useRouting(): RoutingAccess {
  const { client, queries, queryClient } = useContract();
  const routing = useSettings().data?.routing ?? DEFAULT_ROUTING;
  const isFixed = useStatus().data?.fixedSettings.includes('routing') ?? false;
  const { mutate, reset, isPending, error } = useMutation({
    mutationFn: (wanted: Routing) => client.settings.change({ routing: wanted }),
    onSuccess: (settings) => queryClient.setQueryData(queries.settings.read.queryKey(), settings),
  });
  return {
    routing,
    isFixed,
    isSaving: isPending,
    problem: error === null ? undefined : describeError(error),
    save: (wanted, onSaved) => mutate(wanted, onSaved === undefined ? {} : { onSuccess: onSaved }),
    reset,
  };
}
