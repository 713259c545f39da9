// Asks before a session is forgotten, and says that files stay.
import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ProjectView, SessionView } from '../../../shared/projects.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import classes from './projects.module.css';
import { titleSession } from './session-title.ts';

/** The question; open as long as there is a session to forget. */
export function RemoveSession(properties: {
  readonly session: SessionView | undefined;
  readonly project: ProjectView | undefined;
  readonly onRemoved: () => void;
  readonly onClose: () => void;
}) {
  const { session, project, onRemoved, onClose } = properties;
  const t = useTexts();
  const { client } = useContract();
  const remove = useMutation({
    mutationFn: (id: string) => client.sessions.remove({ id }),
    onSuccess: () => {
      onClose();
      onRemoved();
    },
  });
  return (
    <Modal opened={session !== undefined} onClose={onClose} title={t('sessions.removeTitle')} withCloseButton={false}>
      <p className={classes.removed}>{session && titleSession(session, project?.name)}</p>
      <p className="quiet">
        {session?.isRunning === true && `${t('sessions.removeRunning')} `}
        {project === undefined ? t('sessions.removeText') : t('sessions.removeTextFiles', { path: project.path })}
      </p>
      {remove.error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(remove.error)}
        </Message>
      )}
      <div className={classes.confirm}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('app.cancel')}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => session && remove.mutate(session.id)}>
          {t('sessions.remove')}
        </Button>
      </div>
    </Modal>
  );
}
