// Accounts: one card per provider, its accounts as rows with their states; adding and editing open a sheet beside them.
import { Button } from '@mantine/core';
import type { AccountView, ProviderView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { Empty } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { type Place, replacePlace } from '../../lib/navigation.ts';
import { useAccounts, useProviders } from '../../lib/use-contract.ts';
import { AccountSheet } from './account-sheet.tsx';
import classes from './accounts.module.css';
import { ProviderCard } from './provider-card.tsx';
import { TrySheet } from './try-sheet.tsx';

/** The page; `open` marks one account, `add` opens the sheet (for a provider), `edit` and `signin` open it for an account, `try` tries one. */
export function AccountsPage({ parameters }: { readonly parameters: Place['parameters'] }) {
  const accounts = useAccounts();
  const providers = useProviders();
  const add = parameters.add;
  const edit = parameters.edit;
  const openAdd = (provider = '') => replacePlace('accounts', { add: provider });
  const signIn = parameters.signin;
  const signedIn = accounts.data?.find((account) => account.id === signIn);
  const openSignIn = (account: string) => replacePlace('accounts', { signin: account });
  const openTry = (account: string) => replacePlace('accounts', { try: account });
  const openEdit = (account: string) => replacePlace('accounts', { edit: account });
  return (
    <div className={classes.page}>
      <QueryGate query={accounts} skeletonHeight={320}>
        {(known) => (
          <Cards
            accounts={known}
            providers={providers.data ?? []}
            marked={parameters.open}
            onAdd={openAdd}
            onEdit={openEdit}
            onSignIn={openSignIn}
            onTry={openTry}
          />
        )}
      </QueryGate>
      <AccountSheet
        opened={add !== undefined || edit !== undefined || signedIn !== undefined}
        signing={signedIn !== undefined}
        provider={add === '' ? undefined : add}
        account={signedIn ?? accounts.data?.find((account) => account.id === edit)}
        onProvider={openAdd}
        onClose={() => replacePlace('accounts')}
      />
      <TrySheet
        account={accounts.data?.find((account) => account.id === parameters.try)}
        onClose={() => replacePlace('accounts')}
      />
    </div>
  );
}

interface CardsProperties {
  readonly accounts: readonly AccountView[];
  readonly providers: readonly ProviderView[];
  readonly marked: string | undefined;
  readonly onAdd: (provider?: string) => void;
  readonly onEdit: (account: string) => void;
  readonly onSignIn: (account: string) => void;
  readonly onTry: (account: string) => void;
}

function Cards({ accounts, providers, marked, onAdd, onEdit, onSignIn, onTry }: CardsProperties) {
  const t = useTexts();
  const own = accounts.some((account) => account.source !== 'built-in');
  // Cards keep the order in which their first account stands in the list.
  const ids = [...new Set(accounts.map((account) => account.provider))];
  return (
    <>
      {own ? (
        <div className={classes.tools}>
          <p>{t('accounts.intro')}</p>
          <Button leftSection={<Icon name="plus" size={14} />} onClick={() => onAdd()}>
            {t('accounts.add')}
          </Button>
        </div>
      ) : (
        <Panel label={t('accounts.firstTitle')}>
          <Empty
            title={t('accounts.firstTitle')}
            actions={<Button onClick={() => onAdd()}>{t('accounts.add')}</Button>}
          >
            {t('accounts.firstText')}
          </Empty>
        </Panel>
      )}
      {ids.map((id) => (
        <ProviderCard
          key={id}
          accounts={accounts.filter((account) => account.provider === id)}
          provider={providers.find((provider) => provider.id === id)}
          marked={marked}
          onAdd={onAdd}
          onEdit={onEdit}
          onSignIn={onSignIn}
          onTry={onTry}
        />
      ))}
    </>
  );
}
