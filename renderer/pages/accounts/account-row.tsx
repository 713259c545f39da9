// One account: who it is, whether it will work and why, and what can be done with it.
import { ActionIcon, Button, Menu, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { AccountView } from '../../../shared/views.ts';
import { CheckSteps } from '../../components/check-steps.tsx';
import { Icon } from '../../components/icons.tsx';
import { Message } from '../../components/message.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { ACCOUNT_TONES } from '../../components/state-tones.ts';
import { describeError } from '../../lib/describe-error.ts';
import { formatAgo } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { writePlace } from '../../lib/navigation.ts';
import { listPlanMeters } from '../../lib/quota-state.ts';
import { useContract, useNow, useStatus } from '../../lib/use-contract.ts';
import { useSteps } from '../../lib/use-steps.ts';
import classes from './accounts.module.css';
import { QuotaBar } from './quota-bar.tsx';
import { SignOutQuestion } from './sign-out-question.tsx';

/** The row with its check. */
export function AccountRow(properties: {
  readonly account: AccountView;
  readonly marked: boolean;
  readonly onEdit: (account: string) => void;
  readonly onTry: (account: string) => void;
  /** Present where the account can be signed in by a dialogue. */
  readonly onSignIn: ((account: string) => void) | undefined;
}) {
  const { account, marked, onEdit, onSignIn, onTry } = properties;
  const t = useTexts();
  const { client } = useContract();
  const check = useSteps((signal) => client.accounts.check({ id: account.id }, { signal }));
  const [asking, setAsking] = useState<'remove' | 'sign-out'>();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (marked) row.current?.scrollIntoView?.({ block: 'nearest' });
  }, [marked]);
  const shown = check.run.running || check.run.steps.length > 0 || check.run.problem !== undefined;
  const trouble = account.state === 'failed' || account.state === 'attention';
  // That all is well is said by the state, and what is left of the plan by its bar.
  const told = account.state === 'ready' && listPlanMeters(account.quota).length > 0;
  return (
    <li className={classes.row} data-marked={marked} ref={row}>
      <div className={classes.rowMain}>
        <div className={classes.who}>
          <span className={classes.name}>
            <span className="cut" title={account.name}>
              {account.name}
            </span>
            <Source account={account} />
          </span>
          <Facts account={account} />
        </div>
        <StateMark
          tone={check.run.running ? 'busy' : ACCOUNT_TONES[account.state]}
          word={t(check.run.running ? 'accounts.checking' : `accounts.${account.state}`)}
        />
        <Button variant="default" onClick={() => void check.start()} disabled={check.run.running}>
          {t('accounts.check')}
        </Button>
        <Button
          variant="default"
          title={t('accounts.tryHint', { name: account.name })}
          onClick={() => onTry(account.id)}
        >
          {t('accounts.try')}
        </Button>
        {trouble && onSignIn !== undefined && (
          <Button variant="default" onClick={() => onSignIn(account.id)}>
            {t('signIn.button')}
          </Button>
        )}
        {trouble && onSignIn === undefined && account.source === 'settings' && (
          <Button variant="default" onClick={() => onEdit(account.id)}>
            {t('accounts.edit')}
          </Button>
        )}
        <RowMenu account={account} onEdit={onEdit} onSignIn={onSignIn} onAsk={setAsking} />
      </div>
      {(account.hasQuota || account.quota !== undefined) && <QuotaBar account={account} />}
      {!shown && !told && account.stateText !== undefined && <StateText account={account} trouble={trouble} />}
      {shown && (
        <section className={classes.check} aria-label={t('accounts.checkOf', { name: account.name })}>
          <CheckSteps steps={check.run.steps} />
          {check.run.problem !== undefined && (
            <Message tone="bad" title={t('sheet.checkBroken')}>
              {check.run.problem}
            </Message>
          )}
          {!check.run.running && (
            <Button className={classes.hide} variant="subtle" color="gray" size="compact-sm" onClick={check.clear}>
              {t('accounts.hideCheck')}
            </Button>
          )}
        </section>
      )}
      <RemoveQuestion account={account} opened={asking === 'remove'} onClose={() => setAsking(undefined)} />
      <SignOutQuestion account={account} opened={asking === 'sign-out'} onClose={() => setAsking(undefined)} />
    </li>
  );
}

function StateText({ account, trouble }: { readonly account: AccountView; readonly trouble: boolean }) {
  const now = useNow(30_000);
  return (
    <p className={classes.stateText} data-trouble={trouble}>
      {account.stateText}
      {account.stateAt !== undefined && <span className={classes.when}>{formatAgo(account.stateAt, now)}</span>}
    </p>
  );
}

function Source({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const file = useStatus().data?.configFile ?? t('accounts.theFile');
  if (account.source === 'settings') return undefined;
  if (account.source === 'built-in') return <span className={classes.badge}>{t('accounts.builtIn')}</span>;
  return (
    <span className={classes.badge} title={t('accounts.fromFileHint', { file })}>
      {t('accounts.fromFile')}
    </span>
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
      <span className="mono cut" title={t('accounts.servesAs', { prefix: account.id })}>
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

function RowMenu(properties: {
  readonly account: AccountView;
  readonly onEdit: (account: string) => void;
  readonly onSignIn: ((account: string) => void) | undefined;
  readonly onAsk: (question: 'remove' | 'sign-out') => void;
}) {
  const { account, onEdit, onSignIn, onAsk } = properties;
  const t = useTexts();
  // What the configuration file or the house itself set up cannot be changed here.
  const changeable = account.source === 'settings';
  if (!changeable && onSignIn === undefined && account.login === undefined) return <span className={classes.noMenu} />;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t('accounts.menu', { name: account.name })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
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
        {changeable && (
          <>
            <Menu.Item leftSection={<Icon name="edit" />} onClick={() => onEdit(account.id)}>
              {t('accounts.edit')}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Icon name="remove" />} onClick={() => onAsk('remove')}>
              {t('accounts.remove')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function RemoveQuestion(properties: {
  readonly account: AccountView;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const { account, opened, onClose } = properties;
  const t = useTexts();
  const { client } = useContract();
  const remove = useMutation({
    mutationFn: () => client.accounts.remove({ id: account.id }),
    onSuccess: () => {
      onClose();
      notifications.show({ message: t('accounts.removed', { name: account.name }) });
    },
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('accounts.removeTitle', { name: account.name })}
      withCloseButton={false}
    >
      <p className="quiet">{t('accounts.removeText')}</p>
      {remove.error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(remove.error)}
        </Message>
      )}
      <div className={classes.confirm}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('app.cancel')}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('accounts.remove')}
        </Button>
      </div>
    </Modal>
  );
}
