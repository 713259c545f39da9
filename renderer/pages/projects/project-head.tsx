// The chosen project: where it is, how it is asked for, what its agent may touch, and what can be done with it.
import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ProjectView } from '../../../shared/projects.ts';
import { Badge, FileBadge } from '../../components/badge.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { MoreMenu } from '../../components/more-menu.tsx';
import { Panel } from '../../components/panel.tsx';
import { Question } from '../../components/question.tsx';
import { StateShape } from '../../components/state-mark.tsx';
import { writeAgentName } from '../../lib/agent-name.ts';
import { useTexts } from '../../lib/i18n.ts';
import { replacePlace } from '../../lib/navigation.ts';
import { useContract, useProviders } from '../../lib/use-contract.ts';
import { sumUp } from './agent-summary.ts';
import { AgentMark } from './project-list.tsx';
import classes from './projects.module.css';

/** The panel above the project's sessions. */
export function ProjectHead({ project, onRemoved }: { readonly project: ProjectView; readonly onRemoved: () => void }) {
  const t = useTexts();
  const tools = (useProviders().data ?? []).flatMap(({ agent }) => agent?.tools ?? []);
  const [asking, setAsking] = useState(false);
  const { sentence, dangers } = sumUp(project.agent, tools);
  const isFixed = project.source === 'file';
  const edit = () => replacePlace('projects', { edit: project.id });
  return (
    <Panel label={project.name}>
      <div className={classes.headRow}>
        <h2 className={`cut ${classes.headName}`} title={project.name}>
          {project.name}
        </h2>
        <Origin project={project} />
        <span className={classes.headState}>
          <AgentMark project={project} />
        </span>
        {!isFixed && (
          <>
            <Button variant="default" onClick={edit}>
              {t(project.agent.enabled ? 'projects.edit' : 'projects.setUp')}
            </Button>
            <MoreMenu label={t('accounts.menu', { name: project.name })}>
              <Menu.Item leftSection={<Icon name="edit" />} onClick={edit}>
                {t('projects.edit')}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<Icon name="remove" />} onClick={() => setAsking(true)}>
                {t('projects.remove')}
              </Menu.Item>
            </MoreMenu>
          </>
        )}
      </div>
      {project.description !== undefined && project.description !== '' && (
        <p className={`quiet ${classes.description}`} title={project.description}>
          {project.description}
        </p>
      )}
      {project.problem === undefined ? (
        <>
          <p className={classes.may}>{project.agent.enabled ? sentence : t('projects.offText')}</p>
          {project.agent.enabled && dangers.map(({ id, text }) => <Danger key={id} text={text} />)}
        </>
      ) : (
        <p className={classes.problem}>{project.problem}</p>
      )}
      <dl className={classes.facts}>
        <Fact name={t('projects.fields.path')} value={project.path} copy={t('settings.copyPath')} />
        <Fact name={t('projects.askFor')} value={writeAgentName(project.id)} copy={t('models.copyName')} />
      </dl>
      <RemoveQuestion project={project} opened={asking} onClose={() => setAsking(false)} onRemoved={onRemoved} />
    </Panel>
  );
}

function Danger({ text }: { readonly text: string }) {
  return (
    <p className={classes.danger}>
      <StateShape tone="warning" />
      {text}
    </p>
  );
}

function Origin({ project }: { readonly project: ProjectView }) {
  const t = useTexts();
  if (project.source === 'window') return undefined;
  return project.source === 'client' ? <Badge>{t('projects.fromClient')}</Badge> : <FileBadge />;
}

function Fact({ name, value, copy }: { readonly name: string; readonly value: string; readonly copy: string }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd className="mono cut" title={value}>
        {value}
      </dd>
      <CopyButton text={value} label={copy} />
    </div>
  );
}

function RemoveQuestion(properties: {
  readonly project: ProjectView;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}) {
  const { project, opened, onClose, onRemoved } = properties;
  const t = useTexts();
  const { client } = useContract();
  return (
    <Question
      opened={opened}
      onClose={onClose}
      title={t('accounts.removeTitle', { name: project.name })}
      confirm={t('projects.remove')}
      act={() => client.projects.remove({ id: project.id })}
      onDone={() => {
        onRemoved();
        notifications.show({ message: t('accounts.removed', { name: project.name }) });
      }}
    >
      {t('projects.removeText', { path: project.path })}
    </Question>
  );
}
