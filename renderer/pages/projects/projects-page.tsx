// Projects: folders with what an agent may do there, and beside them the conversations that were held.
import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { ProjectView } from '../../../shared/projects.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { Empty } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { type Place, replacePlace } from '../../lib/navigation.ts';
import { useProjects } from '../../lib/use-contract.ts';
import { ProjectHead } from './project-head.tsx';
import { ProjectList } from './project-list.tsx';
import { ProjectSheet } from './project-sheet.tsx';
import classes from './projects.module.css';
import { SessionPanel } from './session-panel.tsx';
import { useSessionFeed } from './use-session-feed.ts';

const EXAMPLE = '{"model": "agent:site", "messages": [{"role": "user", "content": "What is this folder about?"}]}';

/** The page; `open` chooses a project, `add` opens the sheet, `edit` opens it for a project. */
export function ProjectsPage({ parameters }: { readonly parameters: Place['parameters'] }) {
  const projects = useProjects();
  const { add, edit } = parameters;
  const edited = projects.data?.find(({ id, source }) => id === edit && source !== 'file');
  const chosen = parameters.open ?? edit;
  const show = (id: string | undefined) => replacePlace('projects', id === undefined ? {} : { open: id });
  const close = () => show(edit);
  return (
    <div className={classes.page}>
      <QueryGate query={projects} skeletonHeight={420}>
        {(known) => (
          <Content
            projects={known}
            chosen={known.find(({ id }) => id === chosen)}
            onShow={show}
            onAdd={() => replacePlace('projects', { add: '' })}
          />
        )}
      </QueryGate>
      <ProjectSheet
        opened={add !== undefined || edited !== undefined}
        project={edited}
        onSaved={({ id }) => show(id)}
        onClose={close}
      />
    </div>
  );
}

function Content(properties: {
  readonly projects: readonly ProjectView[];
  readonly chosen: ProjectView | undefined;
  readonly onShow: (id: string | undefined) => void;
  readonly onAdd: () => void;
}) {
  const { projects, chosen, onShow, onAdd } = properties;
  const t = useTexts();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const projectId = chosen?.id;
  const filter = useMemo(
    () => ({ ...(projectId === undefined ? {} : { projectId }), ...(search === '' ? {} : { search }) }),
    [projectId, search],
  );
  const feed = useSessionFeed(filter);
  const add = (
    <Button leftSection={<Icon name="plus" size={14} />} onClick={onAdd}>
      {t('projects.add')}
    </Button>
  );
  const isNew = projects.length === 0 && feed.total === 0 && search === '' && typed === '';
  if (isNew) return <FirstProject add={add} />;
  return (
    <>
      <div className={classes.tools}>
        <p>{t('projects.intro')}</p>
        {add}
      </div>
      <div className={classes.split}>
        <ProjectList projects={projects} chosen={projectId} onChoose={onShow} />
        <div className={classes.side}>
          {chosen !== undefined && <ProjectHead key={chosen.id} project={chosen} onRemoved={() => onShow(undefined)} />}
          <SessionPanel feed={feed} projects={projects} typed={typed} onTyped={setTyped} chosen={chosen} />
        </div>
      </div>
    </>
  );
}

function FirstProject({ add }: { readonly add: React.ReactNode }) {
  const t = useTexts();
  return (
    <Panel label={t('projects.firstTitle')}>
      <Empty title={t('projects.firstTitle')} actions={add}>
        {t('projects.firstText')}
      </Empty>
      <div className={classes.example}>
        <span className="quiet small">{t('projects.example')}</span>
        <code className={classes.exampleCode}>{EXAMPLE}</code>
        <CopyButton text={EXAMPLE} label={t('copy.snippet')} />
      </div>
    </Panel>
  );
}
