// The client keys: their last four, copying, and renewing one.
import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ClientKeyView } from '../../../shared/views.ts';
import { CopyButton, KEY_PLACEHOLDER } from '../../components/copy-button.tsx';
import { Message } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { formatAgo } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract, useKeys, useNow } from '../../lib/use-contract.ts';
import { SettingRow } from './setting-row.tsx';
import classes from './settings.module.css';

/** The panel with one row per key. */
export function KeysPanel() {
  const t = useTexts();
  const keys = useKeys();
  return (
    <Panel title={t('settings.keys')} flush>
      <QueryGate query={keys} skeletonHeight={56}>
        {(known) => known.map((key) => <KeyRow key={key.id} clientKey={key} />)}
      </QueryGate>
    </Panel>
  );
}

function KeyRow({ clientKey }: { readonly clientKey: ClientKeyView }) {
  const t = useTexts();
  const now = useNow(30_000);
  const { client, queries, queryClient } = useContract();
  const [asking, setAsking] = useState(false);
  const renew = useMutation({
    mutationFn: () => client.keys.renew({ id: clientKey.id }),
    onSuccess: () => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: queries.keys.list.queryKey() });
    },
  });
  const used = clientKey.lastUsedAt;
  const fromFile = clientKey.source === 'file';
  const help = used === undefined ? t('settings.keyUnused') : t('settings.keyUsed', { ago: formatAgo(used, now) });
  return (
    <SettingRow label={clientKey.name} help={fromFile ? `${t('settings.keyFromFile')} · ${help}` : help}>
      {renew.isSuccess && <StateMark tone="good" word={t('settings.keyRenewed')} />}
      <span className="mono">••••{clientKey.lastFour}</span>
      <CopyButton text={KEY_PLACEHOLDER} keyId={clientKey.id} label={t('door.copyKey')} />
      {!fromFile && (
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('settings.keyRenew')}
        </Button>
      )}
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('settings.keyRenewTitle', { name: clientKey.name })}
        withCloseButton={false}
      >
        <p className="quiet">{t('settings.keyRenewText')}</p>
        {renew.error !== null && (
          <Message tone="bad" title={t('failure.title')}>
            {describeError(renew.error)}
          </Message>
        )}
        <div className={classes.confirm}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {t('app.cancel')}
          </Button>
          <Button loading={renew.isPending} onClick={() => renew.mutate()}>
            {t('settings.keyRenew')}
          </Button>
        </div>
      </Modal>
    </SettingRow>
  );
}
