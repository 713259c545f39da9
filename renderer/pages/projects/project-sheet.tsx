// The sheet that adds or changes a project: the folder first, then its agent, which is off until the person turns it on
// with the sentence of what it may touch beside the button.
import { Button, Drawer, Switch } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { AgentAbilities, ProjectView } from '../../../shared/projects.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace } from '../../lib/navigation.ts';
import { useAccounts, useContract, useProviders } from '../../lib/use-contract.ts';
import { AgentForm } from './agent-form.tsx';
import { sumUp } from './agent-summary.ts';
import { FolderForm } from './folder-form.tsx';
import { type Fault, findFaults, openInput, type ProjectInput, readDraft, readRules } from './project-input.ts';
import classes from './sheet.module.css';

/** The sheet; `project` is the one that is changed. */
export function ProjectSheet(properties: {
  readonly opened: boolean;
  readonly project: ProjectView | undefined;
  readonly onSaved: (project: ProjectView) => void;
  readonly onClose: () => void;
}) {
  const { opened, project, onSaved, onClose } = properties;
  const t = useTexts();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={540}
      title={project === undefined ? t('projects.add') : t('projects.editTitle', { name: project.name })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      classNames={{ title: classes.title, content: classes.sheet, body: classes.body, header: classes.sheetHead }}
    >
      <ProjectForm key={project?.id} project={project} onSaved={onSaved} onClose={onClose} />
    </Drawer>
  );
}

function ProjectForm({ project, onSaved, onClose }: Omit<Parameters<typeof ProjectSheet>[0], 'opened'>) {
  const t = useTexts();
  const { client } = useContract();
  const [input, setInput] = useState(() => openInput(project));
  const [tried, setTried] = useState(false);
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const faulty = tries === 0 ? null : form.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    faulty?.focus({ preventScroll: true });
    faulty?.scrollIntoView({ block: 'center' });
  }, [tries]);
  const abilities = useAbilities(input.agent.account);
  const faults = findFaults(input);
  const shown = tried ? faults : [];
  const change = (part: Partial<ProjectInput>) => setInput((before) => ({ ...before, ...part }));
  const save = useMutation({
    mutationFn: () => {
      const draft = readDraft(input);
      return project === undefined ? client.projects.add(draft) : client.projects.change({ id: project.id, ...draft });
    },
    onSuccess: onSaved,
  });
  const { enabled } = input.agent;
  const summary = sumUp(readRules(input), typeof abilities === 'object' ? abilities.tools : []);
  const canRun = abilities !== 'none';
  const turnsOn = enabled && project?.agent.enabled !== true;
  const turnsOff = !enabled && project?.agent.enabled === true;
  return (
    <form
      className={classes.form}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (faults.length === 0) save.mutate();
        else setTries((before) => before + 1);
      }}
    >
      <FolderForm input={input} id={project?.id} faults={shown} onChange={change} />
      <section className={classes.agent} aria-label={t('projects.agent')}>
        <header className={classes.agentHead}>
          <div>
            <h3 className={classes.heading}>{t('projects.agent')}</h3>
            <p className={classes.help}>{t(enabled ? 'projects.agentOnHelp' : 'projects.agentOffHelp')}</p>
          </div>
          <Switch
            size="md"
            aria-label={t('projects.agent')}
            checked={enabled}
            disabled={!enabled && !canRun}
            onChange={(event) => change({ agent: { ...input.agent, enabled: event.currentTarget.checked } })}
          />
        </header>
        {!canRun && <NoAgents />}
        {enabled && typeof abilities === 'object' && (
          <AgentForm
            agent={input.agent}
            abilities={abilities}
            faults={shown}
            onChange={(part) => change({ agent: { ...input.agent, ...part } })}
          />
        )}
      </section>
      {save.error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(save.error)}
        </Message>
      )}
      <footer className={classes.foot} data-on={enabled}>
        {enabled && canRun && <SummaryBox summary={summary} />}
        {shown.length > 0 && (
          <p className={classes.faults} role="alert">
            {t('projects.mend', { where: [...new Set(shown.map(({ at }) => nameOf(at, t)))].join(', ') })}
          </p>
        )}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(turnsOn ? 'projects.saveOn' : turnsOff ? 'projects.saveOff' : 'projects.save')}
          </Button>
        </div>
      </footer>
    </form>
  );
}

/** What it may touch, with every danger below it. */
function SummaryBox({ summary }: { readonly summary: ReturnType<typeof sumUp> }) {
  const t = useTexts();
  return (
    <div
      className={classes.summary}
      data-danger={summary.dangers.length > 0}
      role="status"
      aria-label={t('projects.touch')}
    >
      <p>{summary.sentence}</p>
      {summary.dangers.map(({ id, text }) => (
        <p key={id} className={classes.danger} data-danger={id}>
          {text}
        </p>
      ))}
    </div>
  );
}

function nameOf(at: Fault['at'], t: ReturnType<typeof useTexts>): string {
  return t(`projects.fields.${at}`);
}

function NoAgents() {
  const t = useTexts();
  return (
    <Message
      tone="warning"
      title={t('projects.noAgents')}
      actions={
        <Button variant="default" onClick={() => openPlace('accounts', { add: '' })}>
          {t('accounts.add')}
        </Button>
      }
    >
      {t('projects.noAgentsText')}
    </Message>
  );
}

/**
 * What the agents of an account can be given; of the first account that has agents where none is chosen. `none` where
 * there is no such account, undefined until that is known.
 */
function useAbilities(account: string): AgentAbilities | 'none' | undefined {
  const accounts = useAccounts().data;
  const providers = useProviders().data;
  if (accounts === undefined || providers === undefined) return undefined;
  const abilitiesOf = (provider: string) => providers.find(({ id }) => id === provider)?.agent;
  const chosen =
    accounts.find(({ id }) => id === account) ?? accounts.find(({ provider }) => abilitiesOf(provider) !== undefined);
  return (chosen === undefined ? undefined : abilitiesOf(chosen.provider)) ?? 'none';
}
