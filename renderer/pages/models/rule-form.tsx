// The fields of a rule, by its kind.
import { NumberInput, SegmentedControl, Select } from '@mantine/core';
import { AttemptRules } from '../../../shared/routing.ts';
import { ModelInput } from '../../components/model-input.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { listModelNames } from '../../lib/model-names.ts';
import { fitsPattern, type Rule } from '../../lib/rules.ts';
import { useKeys, useModels } from '../../lib/use-contract.ts';
import { useRouting } from '../../lib/use-routing.ts';
import { ChainField } from './chain-field.tsx';
import classes from './rules.module.css';

interface FormProperties<Kind extends Rule = Rule> {
  readonly draft: Kind;
  readonly isNew: boolean;
  /** What is missing is said only after the first try to save. */
  readonly showFaults: boolean;
  readonly onChange: (draft: Rule) => void;
}

type Of<Kind extends Rule['kind']> = FormProperties<Extract<Rule, { kind: Kind }>>;

/** The fields. */
export function RuleForm({ draft, ...rest }: FormProperties) {
  switch (draft.kind) {
    case 'alias':
      return <AliasForm draft={draft} {...rest} />;
    case 'unknown':
      return <UnknownForm draft={draft} {...rest} />;
    case 'fallback':
      return <FallbackForm draft={draft} {...rest} />;
    case 'hidden':
      return <HiddenForm draft={draft} {...rest} />;
    case 'attempts':
      return <AttemptsForm draft={draft} {...rest} />;
    default:
      return undefined;
  }
}

function useMissing(showFaults: boolean) {
  const t = useTexts();
  return (value: string, label: string) =>
    showFaults && value.trim() === '' ? t('sheet.missing', { label }) : undefined;
}

/** Which client key a rule is for. */
function ClientField(properties: {
  readonly client: string | undefined;
  readonly everybody: boolean;
  readonly error?: string | undefined;
  readonly onChange: (client: string | undefined) => void;
}) {
  const { client, everybody, error, onChange } = properties;
  const t = useTexts();
  const { routing } = useRouting();
  const keys = [...(useKeys().data ?? []).map(({ name }) => name), ...Object.keys(routing.clients)];
  const names = [...new Set(client === undefined || client === '' ? keys : [...keys, client])];
  return (
    <Select
      label={t('rules.form.client')}
      data={[...(everybody ? [{ value: '', label: t('rules.form.everybody') }] : []), ...names]}
      value={client ?? (everybody ? '' : null)}
      placeholder={t('rules.form.chooseKey')}
      error={error}
      onChange={(value) => onChange(value === '' || value === null ? undefined : value)}
      allowDeselect={false}
    />
  );
}

function AliasForm({ draft, showFaults, onChange }: Of<'alias'>) {
  const t = useTexts();
  const missing = useMissing(showFaults);
  return (
    <div className={classes.form}>
      <ModelInput
        autoFocus
        label={t('rules.form.name')}
        description={t('rules.form.pattern')}
        value={draft.name}
        error={missing(draft.name, t('rules.form.name'))}
        onChange={(name) => onChange({ ...draft, name })}
      />
      <ModelInput
        label={t('rules.form.model')}
        description={t('rules.form.modelHelp')}
        value={draft.model}
        error={missing(draft.model, t('rules.form.model'))}
        onChange={(model) => onChange({ ...draft, model })}
      />
      <ClientField client={draft.client} everybody onChange={(client) => onChange({ ...draft, client })} />
    </div>
  );
}

function UnknownForm({ draft, isNew, showFaults, onChange }: Of<'unknown'>) {
  const t = useTexts();
  const missing = useMissing(showFaults);
  return (
    <div className={classes.form}>
      {isNew && (
        <ClientField
          client={draft.client === '' ? undefined : draft.client}
          everybody={false}
          error={missing(draft.client ?? '', t('rules.form.client'))}
          onChange={(client = '') => onChange({ ...draft, client })}
        />
      )}
      <SegmentedControl
        aria-label={t('rules.title.unknown')}
        value={draft.model === null ? 'refuse' : 'answer'}
        onChange={(value) => onChange({ ...draft, model: value === 'refuse' ? null : '' })}
        data={[
          { value: 'refuse', label: t('rules.form.refuse') },
          { value: 'answer', label: t('rules.form.answer') },
        ]}
      />
      {draft.model !== null && (
        <ModelInput
          label={t('rules.form.model')}
          value={draft.model}
          error={missing(draft.model, t('rules.form.model'))}
          onChange={(model) => onChange({ ...draft, model })}
        />
      )}
    </div>
  );
}

function FallbackForm({ draft, showFaults, onChange }: Of<'fallback'>) {
  const t = useTexts();
  const missing = useMissing(showFaults);
  return (
    <div className={classes.form}>
      <ModelInput
        autoFocus
        label={t('rules.form.first')}
        description={t('rules.form.pattern')}
        value={draft.name}
        error={missing(draft.name, t('rules.form.first'))}
        onChange={(name) => onChange({ ...draft, name })}
      />
      <ChainField
        models={draft.models}
        error={missing(draft.models.join(''), t('rules.form.chain'))}
        onChange={(models) => onChange({ ...draft, models })}
      />
    </div>
  );
}

const HIDDEN_SHOWN = 5;

function HiddenForm({ draft, showFaults, onChange }: Of<'hidden'>) {
  const t = useTexts();
  const missing = useMissing(showFaults);
  const ids = listModelNames(useModels().data?.models ?? []);
  const found = ids.filter((id) => fitsPattern(draft.pattern.trim(), id));
  const shown = found.slice(0, HIDDEN_SHOWN).join(', ');
  return (
    <div className={classes.form}>
      <ModelInput
        autoFocus
        label={t('rules.form.hide')}
        description={t('rules.form.pattern')}
        value={draft.pattern}
        error={missing(draft.pattern, t('rules.form.hide'))}
        onChange={(pattern) => onChange({ ...draft, pattern })}
      />
      {found.length > 0 && (
        <p className={classes.fieldHelp}>
          {t('rules.form.hides', { count: found.length })} <span className="mono">{shown}</span>
          {found.length > HIDDEN_SHOWN && ' …'}
        </p>
      )}
    </div>
  );
}

const LIMITS = AttemptRules.shape;
const ATTEMPT_FIELDS = [
  { name: 'most', scale: 1, schema: LIMITS.most.unwrap() },
  { name: 'retries', scale: 1, schema: LIMITS.retries.unwrap() },
  { name: 'budgetMs', scale: 1000, schema: LIMITS.budgetMs.unwrap() },
  { name: 'patienceMs', scale: 1000, schema: LIMITS.patienceMs.unwrap() },
] as const;

function AttemptsForm({ draft, onChange }: Of<'attempts'>) {
  const t = useTexts();
  return (
    <div className={classes.form}>
      {ATTEMPT_FIELDS.map(({ name, scale, schema }, index) => (
        <NumberInput
          key={name}
          label={t(`rules.form.${name}`)}
          description={t(`rules.form.${name}Help`)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={draft[name] / scale}
          min={(schema.minValue ?? 0) / scale}
          max={(schema.maxValue ?? 0) / scale}
          clampBehavior="strict"
          allowDecimal={false}
          allowNegative={false}
          onChange={(value) => typeof value === 'number' && onChange({ ...draft, [name]: value * scale })}
          {...(index === 0 ? { 'data-autofocus': true } : {})}
        />
      ))}
    </div>
  );
}
