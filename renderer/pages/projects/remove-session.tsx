// Asks before a session is forgotten, and says that files stay.
import type { ProjectView, SessionView } from '../../../shared/projects.ts';
import { Question } from '../../components/question.tsx';
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
  return (
    <Question
      opened={session !== undefined}
      onClose={onClose}
      title={t('sessions.removeTitle')}
      confirm={t('sessions.remove')}
      act={async () => session && client.sessions.remove({ id: session.id })}
      onDone={onRemoved}
    >
      <p className={classes.removed}>{session && titleSession(session, project?.name)}</p>
      {session?.isRunning === true && `${t('sessions.removeRunning')} `}
      {project === undefined ? t('sessions.removeText') : t('sessions.removeTextFiles', { path: project.path })}
    </Question>
  );
}
