// What a person can do about an account's rest and login; what fails is told in a notice, what went well shows in the row.
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { AccountView } from '../../shared/views.ts';
import { endOfRest, type RestSpan } from './account-rest.ts';
import { describeError } from './describe-error.ts';
import { useTexts } from './i18n.ts';
import { useContract } from './use-contract.ts';

/** The actions. */
export interface AccountActions {
  /** One of them is under way. */
  readonly isBusy: boolean;
  use(account: AccountView): void;
  rest(account: AccountView, span: RestSpan): void;
  renewLogin(account: AccountView): void;
}

/** The actions, for a row or a menu. */
export function useAccountActions(): AccountActions {
  const t = useTexts();
  const { client } = useContract();
  const { mutate, isPending } = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onError: (error) => notifications.show({ color: 'red', title: t('failure.title'), message: describeError(error) }),
  });
  return {
    isBusy: isPending,
    use: ({ id }) => mutate(() => client.accounts.use({ id })),
    rest: ({ id }, span) => {
      const until = endOfRest(span);
      mutate(() => client.accounts.rest({ id, ...(until === undefined ? {} : { until }) }));
    },
    renewLogin: ({ id }) => mutate(() => client.accounts.renewLogin({ id })),
  };
}
