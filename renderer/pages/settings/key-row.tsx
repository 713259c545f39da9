// One client key as a row: how it stands, what it may do, how it was used, and what can be done with it.
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useState } from 'react';
import type { ClientKeyView } from '../../../shared/views.ts';
import { CopyButton, KEY_PLACEHOLDER } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace } from '../../lib/navigation.ts';
import { useNow } from '../../lib/use-contract.ts';
import { KeyQuestion } from './key-question.tsx';
import { tellRules, tellTrouble, tellUse } from './key-words.ts';
import classes from './keys.module.css';

/** What can be asked before it is done. */
export type KeyAction = 'renew' | 'revoke';

/** The row. `isFresh` marks a key that was just made, which no client has yet. */
export function KeyRow(properties: {
  readonly clientKey: ClientKeyView;
  readonly isOnly: boolean;
  readonly isFresh: boolean;
  readonly onEdit: () => void;
  readonly onRenewed: () => void;
}) {
  const { clientKey, isOnly, isFresh, onEdit, onRenewed } = properties;
  const { name, lastFour, source, rules } = clientKey;
  const t = useTexts();
  const now = useNow(30_000);
  const [asking, setAsking] = useState<KeyAction>();
  const [isRenewed, setRenewed] = useState(false);
  const fromFile = source === 'file';
  const trouble = tellTrouble(clientKey, now, t);
  const says = tellRules(rules, t);
  const news = isRenewed ? t('keys.renewed') : isFresh ? t('keys.made') : undefined;
  return (
    <section className={classes.row} aria-label={name}>
      <div className={classes.words}>
        <div className={classes.head}>
          <span className={classes.name} title={name}>
            {name}
          </span>
          {trouble !== undefined && <StateMark tone={trouble.tone} word={trouble.word} />}
          {fromFile && <span className={classes.origin}>{t('keys.fromFile')}</span>}
        </div>
        <span className={classes.rules} title={rules.models?.join(', ')}>
          {says}
        </span>
        <span className={classes.use}>{tellUse(clientKey, now, t)}</span>
        {news !== undefined && (
          <span role="status">
            <StateMark tone="good" word={news} />
          </span>
        )}
      </div>
      <div className={classes.control}>
        <span className="mono">••••{lastFour}</span>
        <CopyButton text={KEY_PLACEHOLDER} keyId={clientKey.id} label={t('keys.copy', { name })} />
        {fromFile ? (
          <span className={classes.noButton} />
        ) : (
          <Button variant="default" onClick={onEdit} aria-label={t('keys.editTitle', { name })}>
            {t('keys.edit')}
          </Button>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('keys.menu', { name })}>
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon name="requests" />} onClick={() => openPlace('requests', { key: name })}>
              {t('keys.requests')}
            </Menu.Item>
            {!fromFile && (
              <>
                <Menu.Item leftSection={<Icon name="refresh" />} onClick={() => setAsking('renew')}>
                  {t('keys.renew')}
                </Menu.Item>
                <Menu.Item
                  color="red"
                  leftSection={<Icon name="remove" />}
                  disabled={isOnly}
                  title={isOnly ? t('keys.onlyOne') : undefined}
                  onClick={() => setAsking('revoke')}
                >
                  {t('keys.revoke')}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      {asking !== undefined && (
        <KeyQuestion
          action={asking}
          clientKey={clientKey}
          onDone={() => {
            setAsking(undefined);
            setRenewed(asking === 'renew');
            onRenewed();
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  );
}
