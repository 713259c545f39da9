// The sessions as rows, two lines each: what it is about, and who works in it.
import { ActionIcon } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { ProjectView, SessionView } from '../../../shared/projects.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { Cell, HeadCell, VirtualRows } from '../../components/virtual-rows.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { formatAgo, formatCount, formatDayAndTime, formatDollars, formatTokens } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract, useNow } from '../../lib/use-contract.ts';
import classes from './projects.module.css';
import { titleSession } from './session-title.ts';
import type { useSessionFeed } from './use-session-feed.ts';

const WIDE = 'minmax(140px, 1fr) 62px 56px 62px 92px 88px';
const NARROW = 'minmax(120px, 1fr) 56px 84px 88px';

/** The table; it asks for more rows as the reader goes on. */
export function SessionTable(properties: {
  readonly feed: ReturnType<typeof useSessionFeed>;
  readonly projects: readonly ProjectView[];
  readonly showsProject: boolean;
  readonly onRemove: (session: SessionView) => void;
}) {
  const { feed, projects, showsProject, onRemove } = properties;
  const t = useTexts();
  const now = useNow(30_000);
  const narrow = useMediaQuery('(max-width: 1079px)') ?? false;
  const nameOf = (id: string | undefined) => projects.find((project) => project.id === id)?.name;
  return (
    <VirtualRows
      rows={feed.rows}
      rowHeight={48}
      rowKey={(row) => row.id}
      columns={narrow ? NARROW : WIDE}
      label={t('sessions.table')}
      total={feed.total}
      onNearEnd={feed.loadMore}
      onTop={feed.onTop}
      head={
        <>
          <HeadCell>{t('sessions.title')}</HeadCell>
          {!narrow && <HeadCell align="end">{t('sessions.messages')}</HeadCell>}
          {!narrow && <HeadCell align="end">{t('sessions.tokens')}</HeadCell>}
          <HeadCell align="end">{t('sessions.cost')}</HeadCell>
          <HeadCell>{t('sessions.used')}</HeadCell>
          <HeadCell>{''}</HeadCell>
        </>
      }
      renderRow={(row) => (
        <>
          <Cell title={titleSession(row, nameOf(row.projectId))}>
            <span className={`cut ${classes.sessionTitle}`}>{titleSession(row, nameOf(row.projectId))}</span>
            <Origin session={row} project={showsProject ? nameOf(row.projectId) : undefined} />
          </Cell>
          {!narrow && (
            <Cell align="end" mono quiet>
              {formatCount(row.messageCount)}
            </Cell>
          )}
          {!narrow && (
            <Cell align="end" mono quiet title={sayTokens(row, t)}>
              {formatTokens(row.inputTokens + row.outputTokens)}
            </Cell>
          )}
          <Cell
            align="end"
            mono
            quiet
            title={row.costUsd === undefined ? t('sessions.noCost') : t('sessions.costHint')}
          >
            {row.costUsd === undefined ? '–' : formatDollars(row.costUsd)}
          </Cell>
          <Cell quiet title={formatDayAndTime(row.updatedAt)}>
            {row.isRunning ? <StateMark tone="busy" word={t('sessions.running')} /> : formatAgo(row.updatedAt, now)}
          </Cell>
          <Cell>
            <RowActions session={row} title={titleSession(row, nameOf(row.projectId))} onRemove={onRemove} />
          </Cell>
        </>
      )}
    />
  );
}

function sayTokens(row: SessionView, t: ReturnType<typeof useTexts>): string {
  return t('sessions.tokensHint', { input: formatCount(row.inputTokens), output: formatCount(row.outputTokens) });
}

function Origin({ session, project }: { readonly session: SessionView; readonly project: string | undefined }) {
  const t = useTexts();
  const words = [t(session.isAgent ? 'sessions.agent' : 'sessions.plain'), session.model, project, session.key];
  return (
    <span className={`cut ${classes.sessionLine}`} title={words.filter((word) => word !== undefined).join(' · ')}>
      {words
        .slice(0, 3)
        .filter((word) => word !== undefined)
        .join(' · ')}
    </span>
  );
}

function RowActions(properties: {
  readonly session: SessionView;
  readonly title: string;
  readonly onRemove: (session: SessionView) => void;
}) {
  const { session, title, onRemove } = properties;
  const t = useTexts();
  const { client } = useContract();
  const interrupt = useMutation({
    mutationFn: () => client.sessions.interrupt({ id: session.id }),
    onError: (error) => notifications.show({ color: 'red', title: t('failure.title'), message: describeError(error) }),
  });
  return (
    <span className={classes.rowActions}>
      {session.isRunning && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          loading={interrupt.isPending}
          aria-label={t('sessions.interrupt', { title })}
          title={t('sessions.interruptHint')}
          onClick={() => interrupt.mutate()}
        >
          <Icon name="stop" />
        </ActionIcon>
      )}
      <CopyButton text={session.id} label={t('sessions.copyId')} />
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        aria-label={t('sessions.removeOf', { title })}
        title={t('sessions.remove')}
        onClick={() => onRemove(session)}
      >
        <Icon name="remove" size={15} />
      </ActionIcon>
    </span>
  );
}
