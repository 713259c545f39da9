// Asks before a client key gets a new value or is taken away, and says which clients notice.
import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ClientKeyView } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import classes from './settings.module.css';

/** The question; it is done when the engine says so. */
export function KeyQuestion(properties: {
  readonly action: 'renew' | 'revoke';
  readonly clientKey: ClientKeyView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const { action, clientKey, onDone, onClose } = properties;
  const t = useTexts();
  const { client, queries, queryClient } = useContract();
  const { id, name } = clientKey;
  const act = useMutation({
    mutationFn: async () => {
      if (action === 'renew') await client.keys.renew({ id });
      else await client.keys.revoke({ id });
    },
    onSuccess: () => {
      onDone();
      void queryClient.invalidateQueries({ queryKey: queries.keys.list.queryKey() });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t(`keys.${action}Title`, { name })} withCloseButton={false}>
      <p className="quiet">{t(`keys.${action}Text`)}</p>
      {act.error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(act.error)}
        </Message>
      )}
      <div className={classes.confirm}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('app.cancel')}
        </Button>
        <Button {...(action === 'revoke' ? { color: 'red' } : {})} loading={act.isPending} onClick={() => act.mutate()}>
          {t(`keys.${action}`)}
        </Button>
      </div>
    </Modal>
  );
}
