// Who an account is: its name, and in small what it is reached by.
import type { AccountView } from '../../../shared/views.ts';
import { Badge, FileBadge } from '../../components/badge.tsx';
import { formatAgo } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { writePlace } from '../../lib/navigation.ts';
import { useNow } from '../../lib/use-contract.ts';
import classes from './accounts.module.css';

/** Name and facts. */
export function AccountName({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  return (
    <div className={classes.who}>
      <span className={classes.name}>
        <span className="cut" title={account.name}>
          {account.name}
        </span>
        {account.source === 'built-in' && <Badge>{t('accounts.builtIn')}</Badge>}
        {account.source === 'file' && <FileBadge />}
      </span>
      <Facts account={account} />
    </div>
  );
}

/** An address or a path, as against a setting. */
const PLACE = /^(https?:\/\/|[~/]|[a-z]:\\|\\\\)/i;

function Facts({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const now = useNow(30_000);
  const { proxy, ...values } = account.values;
  const address = values.baseUrl ?? Object.values(values).find((value) => PLACE.test(value));
  // What a sign-in of Patchbay's own has put away is nothing that anybody knows by its end.
  const secrets = account.login === 'own' ? [] : account.secrets.filter(({ name }) => name !== 'proxy');
  return (
    <span className={classes.facts}>
      <span className={`mono cut ${classes.prefix}`} title={t('accounts.servesAs', { prefix: account.id })}>
        {account.id}/
      </span>
      {account.modelCount !== undefined && (
        <a href={writePlace('models', { account: account.id })}>
          {t('accounts.models', { count: account.modelCount })}
        </a>
      )}
      {address !== undefined && (
        <span className={`mono cut ${classes.address}`} title={address}>
          {address}
        </span>
      )}
      {secrets.map((secret) => (
        <span key={secret.name} className="mono" title={secret.name}>
          ••••{secret.lastFour}
        </span>
      ))}
      {proxy !== undefined && (
        <span className={`mono cut ${classes.address}`} title={proxy}>
          {t('accounts.proxy', { address: proxy })}
        </span>
      )}
      <span className={classes.keep}>
        {account.lastUsedAt === undefined
          ? t('accounts.neverUsed')
          : t('accounts.used', { ago: formatAgo(account.lastUsedAt, now) })}
      </span>
    </span>
  );
}
