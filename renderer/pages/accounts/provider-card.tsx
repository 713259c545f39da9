// One provider with its honest two lines and its accounts.
import { Button } from '@mantine/core';
import type { AccountView, ProviderView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { ProviderMark } from '../../components/provider-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { canSignIn } from './account-input.ts';
import { AccountRow } from './account-row.tsx';
import classes from './accounts.module.css';
import { PoolLine } from './pool-line.tsx';

/** The card; `marked` is the account that another page pointed at. */
export function ProviderCard(properties: {
  readonly accounts: readonly AccountView[];
  readonly provider: ProviderView | undefined;
  readonly marked: string | undefined;
  readonly onAdd: (provider: string) => void;
  readonly onEdit: (account: string) => void;
  readonly onSignIn: (account: string) => void;
  readonly onTry: (account: string) => void;
}) {
  const { accounts, provider, marked, onAdd, onEdit, onSignIn, onTry } = properties;
  const t = useTexts();
  const [first] = accounts;
  if (first === undefined) return undefined;
  return (
    <section className={classes.card} aria-label={first.providerName}>
      <header className={classes.cardHead}>
        <ProviderMark id={first.provider} name={first.providerName} size={36} />
        <div className={classes.cardWords}>
          <h2 className={classes.cardName}>{first.providerName}</h2>
          {provider !== undefined && (
            <p className={classes.cardLines}>
              {provider.standing} {provider.spends}
            </p>
          )}
        </div>
        {provider !== undefined && provider.signIn.length > 0 && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<Icon name="plus" size={13} />}
            onClick={() => onAdd(provider.id)}
          >
            {t('accounts.another')}
          </Button>
        )}
      </header>
      {accounts.length > 1 && <PoolLine provider={first.provider} name={first.providerName} />}
      <ul>
        {accounts.map((account) => (
          <AccountRow
            key={account.id}
            account={account}
            marked={account.id === marked}
            onEdit={onEdit}
            onTry={onTry}
            onSignIn={provider !== undefined && canSignIn([provider], account) ? onSignIn : undefined}
          />
        ))}
      </ul>
    </section>
  );
}
