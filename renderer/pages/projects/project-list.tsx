// The projects as a list to choose from: name, folder, and in one plain line what the agent may do there.
import { UnstyledButton } from '@mantine/core';
import type { ProjectView } from '../../../shared/projects.ts';
import { Icon } from '../../components/icons.tsx';
import { Panel } from '../../components/panel.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { formatCount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import classes from './projects.module.css';

/** The list; the first entry stands for all projects. */
export function ProjectList(properties: {
  readonly projects: readonly ProjectView[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}) {
  const { projects, chosen, onChoose } = properties;
  const t = useTexts();
  return (
    <Panel flush label={t('pages.projects')}>
      <ul className={classes.list}>
        <li>
          <UnstyledButton
            className={classes.entry}
            aria-current={chosen === undefined}
            onClick={() => onChoose(undefined)}
          >
            <span className={classes.entryName}>{t('projects.all')}</span>
          </UnstyledButton>
        </li>
        {projects.map((project) => (
          <li key={project.id}>
            <UnstyledButton
              className={classes.entry}
              aria-current={project.id === chosen}
              onClick={() => onChoose(project.id)}
            >
              <span className={classes.entryHead}>
                <span className={`cut ${classes.entryName}`} title={project.name}>
                  {project.name}
                </span>
                <AgentMark project={project} />
              </span>
              <span className={`mono cut ${classes.path}`} title={project.path}>
                {/* The end of a path says more than its beginning. */}
                <bdi>{project.path}</bdi>
              </span>
              <span className={classes.line}>{describe(project, t)}</span>
              <span className={classes.line}>
                {t('projects.sessions', { count: project.sessionCount, formatted: formatCount(project.sessionCount) })}
              </span>
            </UnstyledButton>
          </li>
        ))}
        {projects.length === 0 && <li className={classes.none}>{t('projects.none')}</li>}
      </ul>
    </Panel>
  );
}

/** Whether its agent can be asked: one word, one shape. */
export function AgentMark({ project }: { readonly project: ProjectView }) {
  const t = useTexts();
  const { agent, problem } = project;
  if (!agent.enabled) return <StateMark tone="idle" word={t('projects.state.off')} />;
  if (problem !== undefined) return <StateMark tone="warning" word={t('projects.state.problem')} title={problem} />;
  // Switched on is not proved to work, so it is not green.
  return (
    <span className={classes.on}>
      <Icon name="agent" size={14} />
      {t('projects.state.on')}
    </span>
  );
}

function describe({ agent, problem }: ProjectView, t: ReturnType<typeof useTexts>): string {
  if (!agent.enabled) return t('projects.offLine');
  return problem ?? t(`projects.modeLine.${agent.mode}`);
}
