// Asks before an account is signed out, and says who else loses the login.
import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { AccountView } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import classes from './accounts.module.css';

/** The question; what the provider says afterwards is shown as it is. */
export function SignOutQuestion(properties: {
  readonly account: AccountView;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const { account, opened, onClose } = properties;
  const t = useTexts();
  const { client } = useContract();
  const shared = account.login === 'shared';
  const signOut = useMutation({
    mutationFn: () => client.accounts.signOut({ id: account.id, shared }),
    onSuccess: ({ text }) => {
      onClose();
      notifications.show({ message: text });
    },
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('signIn.outTitle', { name: account.name })}
      withCloseButton={false}
    >
      <p className="quiet">{t(shared ? 'signIn.outShared' : 'signIn.outOwn')}</p>
      {signOut.error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(signOut.error)}
        </Message>
      )}
      <div className={classes.confirm}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('app.cancel')}
        </Button>
        <Button color="red" loading={signOut.isPending} onClick={() => signOut.mutate()}>
          {t(shared ? 'signIn.outEverywhere' : 'signIn.out')}
        </Button>
      </div>
    </Modal>
  );
}
