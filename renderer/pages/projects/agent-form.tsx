// What an agent may do, as a form: who runs it, how far it goes by itself, its tools, its rules and its limits.
import { NumberInput, Radio, Select, Switch, Textarea } from '@mantine/core';
import type { AgentAbilities, AgentMode } from '../../../shared/projects.ts';
import { readAgentName } from '../../lib/agent-name.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useAccounts, useModels, useProviders } from '../../lib/use-contract.ts';
import type { Fault, ProjectInput } from './project-input.ts';
import classes from './sheet.module.css';
import { ToolChoice } from './tool-choice.tsx';

type AgentInput = ProjectInput['agent'];

interface AgentFormProperties {
  readonly agent: AgentInput;
  readonly abilities: AgentAbilities;
  readonly faults: readonly Fault[];
  readonly onChange: (part: Partial<AgentInput>) => void;
}

/** The form; it changes what is typed, and saves nothing. */
export function AgentForm(properties: AgentFormProperties) {
  const { agent, abilities, faults, onChange } = properties;
  const t = useTexts();
  return (
    <>
      <RunnerFields {...properties} />
      <ModeChoice modes={abilities.modes} mode={agent.mode} onMode={(mode) => onChange({ mode })} />
      <ToolChoice tools={abilities.tools} chosen={agent.tools} onChange={(tools) => onChange({ tools })} />
      <RuleField at="allow" value={agent.allow} faults={faults} onChange={(allow) => onChange({ allow })} />
      <RuleField at="deny" value={agent.deny} faults={faults} onChange={(deny) => onChange({ deny })} />
      <Limits {...properties} />
      <Textarea
        label={
          <>
            {t('projects.instructions')}
            <span className={classes.optional}>{t('sheet.optional')}</span>
          </>
        }
        description={t('projects.instructionsHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={agent.instructions}
        maxLength={20_000}
        autosize
        minRows={2}
        maxRows={8}
        onChange={(event) => onChange({ instructions: event.currentTarget.value })}
      />
      <Switch
        label={t('projects.showsSteps')}
        description={t('projects.showsStepsHelp')}
        checked={agent.showsSteps}
        onChange={(event) => onChange({ showsSteps: event.currentTarget.checked })}
      />
      <Switch
        label={t('projects.trust')}
        description={t('projects.trustHelp')}
        checked={agent.trustsFolder}
        onChange={(event) => onChange({ trustsFolder: event.currentTarget.checked })}
      />
    </>
  );
}

function RunnerFields({ agent, onChange }: AgentFormProperties) {
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  const providers = useProviders().data ?? [];
  const models = useModels().data?.models ?? [];
  const able = accounts.filter(({ provider }) => providers.find(({ id }) => id === provider)?.agent !== undefined);
  const runner = agent.account === '' ? able[0]?.id : agent.account;
  const names = models
    .filter(({ account, id }) => account === runner && readAgentName(id) === undefined)
    .map(({ account, id }) => (id.startsWith(`${account}/`) ? id.slice(account.length + 1) : id));
  const known = agent.model === '' || names.includes(agent.model) ? names : [agent.model, ...names];
  const gone = agent.account !== '' && !able.some(({ id }) => id === agent.account);
  return (
    <div className={classes.pair}>
      <Select
        label={t('projects.account')}
        allowDeselect={false}
        data={[
          { value: '', label: t('projects.firstAccount') },
          ...able.map(({ id, name }) => ({ value: id, label: name })),
          ...(gone ? [{ value: agent.account, label: agent.account }] : []),
        ]}
        value={agent.account}
        error={gone && t('projects.accountGone')}
        // Another account has other models.
        onChange={(account) => onChange({ account: account ?? '', model: '' })}
      />
      <Select
        label={t('projects.model')}
        allowDeselect={false}
        searchable={known.length > 8}
        data={[{ value: '', label: t('projects.ownModel') }, ...new Set(known)]}
        value={agent.model}
        onChange={(model) => onChange({ model: model ?? '' })}
      />
    </div>
  );
}

function ModeChoice(properties: {
  readonly modes: readonly AgentMode[];
  readonly mode: AgentMode;
  readonly onMode: (mode: AgentMode) => void;
}) {
  const { modes, mode, onMode } = properties;
  const t = useTexts();
  return (
    <Radio.Group
      label={t('projects.mode')}
      value={mode}
      onChange={(value) => onMode(value as AgentMode)}
      classNames={{ label: classes.groupLabel }}
    >
      <div className={classes.modes}>
        {modes.map((one) => (
          <Radio
            key={one}
            value={one}
            className={classes.mode}
            data-chosen={one === mode}
            data-danger={one === 'everything'}
            label={t(`projects.modes.${one}`)}
            description={t(`projects.modeHelp.${one}`)}
          />
        ))}
      </div>
    </Radio.Group>
  );
}

function RuleField(properties: {
  readonly at: 'allow' | 'deny';
  readonly value: string;
  readonly faults: readonly Fault[];
  readonly onChange: (value: string) => void;
}) {
  const { at, value, faults, onChange } = properties;
  const t = useTexts();
  const fault = faults.find((one) => one.at === at);
  return (
    <Textarea
      label={t(`projects.fields.${at}`)}
      description={t(`projects.ruleHelp.${at}`)}
      placeholder={t(`projects.ruleExample.${at}`)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      classNames={{ input: classes.mono }}
      value={value}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      error={fault !== undefined && 'rule' in fault && t('projects.notRule', { line: fault.line, rule: fault.rule })}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Limits({ agent, faults, onChange }: AgentFormProperties) {
  const t = useTexts();
  const faulty = (at: Fault['at']) => faults.some((fault) => fault.at === at);
  return (
    <div className={classes.pair}>
      <NumberInput
        label={t('projects.fields.maxTurns')}
        description={t('projects.maxTurnsHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={agent.maxTurns}
        hideControls
        allowNegative={false}
        decimalScale={0}
        error={faulty('maxTurns') && t('settings.between', { least: 1, most: '1,000' })}
        onChange={(maxTurns) => onChange({ maxTurns })}
      />
      <NumberInput
        label={t('projects.fields.maxBudgetUsd')}
        description={t('projects.maxBudgetHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={agent.maxBudgetUsd}
        prefix="$"
        hideControls
        allowNegative={false}
        decimalScale={2}
        error={faulty('maxBudgetUsd') && t('settings.between', { least: '$0.01', most: '$1,000' })}
        onChange={(maxBudgetUsd) => onChange({ maxBudgetUsd })}
      />
    </div>
  );
}
