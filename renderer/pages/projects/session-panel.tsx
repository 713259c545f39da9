// The conversations of all projects or of one, with a search, and how a client names them.
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ProjectView, SessionView } from '../../../shared/projects.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { Empty } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { formatCount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import classes from './projects.module.css';
import { RemoveSession } from './remove-session.tsx';
import { SessionTable } from './session-table.tsx';
import type { useSessionFeed } from './use-session-feed.ts';

const SESSION_HEADER = 'X-Session-ID';

/** The table with its head. */
export function SessionPanel(properties: {
  readonly feed: ReturnType<typeof useSessionFeed>;
  readonly projects: readonly ProjectView[];
  readonly chosen: ProjectView | undefined;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
}) {
  const { feed, projects, chosen, typed, onTyped } = properties;
  const t = useTexts();
  const [removing, setRemoving] = useState<SessionView>();
  return (
    <>
      <div className={classes.sessionTools}>
        <TextInput
          className={classes.search}
          value={typed}
          maxLength={200}
          onChange={(event) => onTyped(event.currentTarget.value)}
          placeholder={t('sessions.search')}
          aria-label={t('sessions.search')}
          leftSection={<Icon name="search" size={14} />}
        />
        <span className={classes.naming} title={t('sessions.namingHint')}>
          <span className="cut">{t('sessions.naming')}</span>
          <code>{SESSION_HEADER}</code>
          <CopyButton text={SESSION_HEADER} label={t('sessions.copyHeader')} />
        </span>
        <span className={classes.total}>
          {t('projects.sessions', { count: feed.total, formatted: formatCount(feed.total) })}
        </span>
      </div>
      <Panel flush label={t('sessions.table')}>
        <div className={classes.table}>
          <QueryGate query={feed.query} skeletonHeight={320}>
            {() =>
              feed.rows.length === 0 ? (
                <NoSessions searched={typed.trim() !== ''} chosen={chosen} onClear={() => onTyped('')} />
              ) : (
                <SessionTable
                  feed={feed}
                  projects={projects}
                  showsProject={chosen === undefined}
                  onRemove={setRemoving}
                />
              )
            }
          </QueryGate>
        </div>
      </Panel>
      <RemoveSession
        session={removing}
        project={projects.find(({ id }) => id === removing?.projectId)}
        onRemoved={feed.refresh}
        onClose={() => setRemoving(undefined)}
      />
    </>
  );
}

function NoSessions(properties: {
  readonly searched: boolean;
  readonly chosen: ProjectView | undefined;
  readonly onClear: () => void;
}) {
  const { searched, chosen, onClear } = properties;
  const t = useTexts();
  if (searched)
    return (
      <Empty
        title={t('sessions.noMatch')}
        actions={
          <Button variant="default" onClick={onClear}>
            {t('models.clearSearch')}
          </Button>
        }
      />
    );
  return (
    <Empty title={t('sessions.none')}>
      {chosen === undefined || !chosen.agent.enabled || chosen.problem !== undefined
        ? t('sessions.noneText')
        : t('sessions.noneAgent', { id: chosen.id })}
    </Empty>
  );
}
