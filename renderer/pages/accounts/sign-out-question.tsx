// Asks before an account is signed out, and says who else loses the login.
import { notifications } from '@mantine/notifications';
import type { AccountView } from '../../../shared/views.ts';
import { Question } from '../../components/question.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';

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
  return (
    <Question
      opened={opened}
      onClose={onClose}
      title={t('signIn.outTitle', { name: account.name })}
      confirm={t(shared ? 'signIn.outEverywhere' : 'signIn.out')}
      act={() => client.accounts.signOut({ id: account.id, shared })}
      onDone={({ text }) => notifications.show({ message: text })}
    >
      {t(shared ? 'signIn.outShared' : 'signIn.outOwn')}
    </Question>
  );
}
