// What is done with an account now and then: let it rest, set its share, renew, sign in or out, change, remove.
import { Menu } from '@mantine/core';
import type { AccountView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { MoreMenu } from '../../components/more-menu.tsx';
import { REST_SPANS } from '../../lib/account-rest.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useAccountActions } from '../../lib/use-account-actions.ts';

/** What a row asks before or with doing it. */
export type RowQuestion = 'remove' | 'sign-out' | 'limits';

/** The menu at the end of a row. */
export function AccountMenu(properties: {
  readonly account: AccountView;
  readonly onEdit: (account: string) => void;
  readonly onSignIn: ((account: string) => void) | undefined;
  readonly onAsk: (question: RowQuestion) => void;
}) {
  const { account, onEdit, onSignIn, onAsk } = properties;
  const t = useTexts();
  const { rest, renewLogin } = useAccountActions();
  return (
    <MoreMenu label={t('accounts.menu', { name: account.name })}>
      <Menu.Label>{t('accounts.restLabel')}</Menu.Label>
      {REST_SPANS.map((span) => (
        <Menu.Item key={span} leftSection={<Icon name="rest" />} onClick={() => rest(account, span)}>
          {t(`accounts.rest.${span}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<Icon name="settings" />} onClick={() => onAsk('limits')}>
        {t('pools.limits')}
      </Menu.Item>
      {account.renewal !== undefined && (
        <Menu.Item leftSection={<Icon name="refresh" />} onClick={() => renewLogin(account)}>
          {t('accounts.renewLogin')}
        </Menu.Item>
      )}
      {onSignIn !== undefined && (
        <Menu.Item leftSection={<Icon name="key" />} onClick={() => onSignIn(account.id)}>
          {t('signIn.button')}
        </Menu.Item>
      )}
      {account.login !== undefined && (
        <Menu.Item leftSection={<Icon name="power" />} onClick={() => onAsk('sign-out')}>
          {t('signIn.out')}
        </Menu.Item>
      )}
      {/* What the configuration file or the house itself set up cannot be changed here. */}
      {account.source === 'settings' && (
        <>
          <Menu.Item leftSection={<Icon name="edit" />} onClick={() => onEdit(account.id)}>
            {t('accounts.edit')}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Icon name="remove" />} onClick={() => onAsk('remove')}>
            {t('accounts.remove')}
          </Menu.Item>
        </>
      )}
    </MoreMenu>
  );
}
