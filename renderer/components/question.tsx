// Asks before something that cannot be undone, does it, and stays open with the reason where it failed.
import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { describeError } from '../lib/describe-error.ts';
import { useTexts } from '../lib/i18n.ts';
import { Message } from './message.tsx';
import classes from './question.module.css';

/** The question. `onDone` is called with what `act` brought, after the question is closed. */
export function Question<Outcome>(properties: {
  readonly opened: boolean;
  readonly title: string;
  readonly children: ReactNode;
  /** What the button that does it says. */
  readonly confirm: string;
  /** Something is lost by it; so it mostly is. */
  readonly isGrave?: boolean;
  readonly act: () => Promise<Outcome>;
  readonly onDone?: (outcome: Outcome) => void;
  readonly onClose: () => void;
}) {
  const { opened, title, children, confirm, isGrave = true, act, onDone, onClose } = properties;
  const t = useTexts();
  const { mutate, error, isPending } = useMutation({
    mutationFn: act,
    onSuccess: (outcome) => {
      onClose();
      onDone?.(outcome);
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={title} withCloseButton={false}>
      <div className="quiet">{children}</div>
      {error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(error)}
        </Message>
      )}
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('app.cancel')}
        </Button>
        <Button {...(isGrave ? { color: 'red' } : {})} loading={isPending} onClick={() => mutate()}>
          {confirm}
        </Button>
      </div>
    </Modal>
  );
}
