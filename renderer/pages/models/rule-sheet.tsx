// The sheet in which a rule is made or changed, warned about in place, and tried before it is kept.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Message } from '../../components/message.tsx';
import { SideSheet } from '../../components/side-sheet.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { createRuleWarner } from '../../lib/rule-warnings.ts';
import { type AddableKind, listRules, putRule, type Rule, removeRule, ruleId } from '../../lib/rules.ts';
import { useKeys, useModels } from '../../lib/use-contract.ts';
import { useRouting } from '../../lib/use-routing.ts';
import { RuleForm } from './rule-form.tsx';
import classes from './rules.module.css';
import { DraftTester } from './tester.tsx';

/** The sheet; `open` is the id of a rule, `add` a kind of which a new one is made, for `name`. */
export function RuleSheet(properties: {
  readonly open: string | undefined;
  readonly add: string | undefined;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const { open, add, name, onClose } = properties;
  const t = useTexts();
  const { routing } = useRouting();
  const kept = open === undefined ? undefined : listRules(routing).find((rule) => ruleId(rule) === open);
  const fresh = kept === undefined ? makeRule(add, name) : undefined;
  const rule = kept ?? fresh;
  const title =
    kept !== undefined ? t(`rules.title.${kept.kind}`) : fresh !== undefined ? t(`rules.new.${fresh.kind}`) : '';
  return (
    <SideSheet opened={rule !== undefined} onClose={onClose} title={title}>
      {rule !== undefined && (
        <Draft key={open ?? `${add}/${name}`} rule={rule} isNew={kept === undefined} onClose={onClose} />
      )}
    </SideSheet>
  );
}

function makeRule(kind: string | undefined, name: string): Extract<Rule, { kind: AddableKind }> | undefined {
  switch (kind) {
    case 'alias':
      return { kind, client: undefined, name, model: '' };
    case 'unknown':
      return { kind, client: '', model: '' };
    case 'fallback':
      return { kind, name, models: [''] };
    case 'hidden':
      return { kind, pattern: name };
    default:
      return undefined;
  }
}

function Draft({
  rule,
  isNew,
  onClose,
}: {
  readonly rule: Rule;
  readonly isNew: boolean;
  readonly onClose: () => void;
}) {
  const t = useTexts();
  const { routing, isFixed, isSaving, problem, save, reset } = useRouting();
  const models = useModels().data?.models;
  const keys = useKeys().data?.map((key) => key.name) ?? [];
  const [draft, setDraft] = useState(rule);
  const [isTried, setTried] = useState(false);
  const tidy = tidyRule(draft);
  const base = isNew ? routing : removeRule(routing, rule);
  const wanted = tidy === undefined ? undefined : putRule(base, tidy);
  const isTaken = tidy !== undefined && listRules(base).some((one) => ruleId(one) === ruleId(tidy)) && isNew;
  const warnings =
    tidy === undefined || wanted === undefined ? [] : createRuleWarner({ routing: wanted, models, keys }, t)(tidy);
  const press = () => {
    setTried(true);
    if (wanted !== undefined) save(wanted, onClose);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        press();
      }}
    >
      <RuleForm
        draft={draft}
        isNew={isNew}
        showFaults={isTried}
        onChange={(changed) => {
          setDraft(changed);
          reset();
        }}
      />
      <div className={classes.faults}>
        {isTaken && <Message tone="warning" title={t('rules.replaces')} />}
        {warnings.map((warning) => (
          <Message key={warning} tone="warning" title={warning} />
        ))}
        {isFixed && <Message tone="warning" title={t('rules.fixed')} />}
        {problem !== undefined && (
          <Message tone="bad" title={t('sheet.notSaved')}>
            {problem}
          </Message>
        )}
      </div>
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" loading={isSaving}>
          {t('rules.save')}
        </Button>
      </div>
      {wanted !== undefined && tidy !== undefined && canTry(tidy) && (
        <DraftTester routing={wanted} sample={sampleOf(tidy)} client={clientOf(tidy)} />
      )}
    </form>
  );
}

/** Hiding changes lists only; how often is tried shows in no way. */
const canTry = ({ kind }: Rule) => kind === 'alias' || kind === 'fallback' || kind === 'unknown';

/** The client key that alone the rule is for. */
const clientOf = (rule: Rule) => (rule.kind === 'alias' || rule.kind === 'unknown' ? rule.client : undefined);

/** A name that the rule is about; the `*` of a pattern may be anything. */
function sampleOf(rule: Rule): string {
  if (rule.kind === 'alias' || rule.kind === 'fallback') return rule.name.replaceAll('*', 'x');
  return rule.kind === 'unknown' ? 'a-name-nobody-knows' : '';
}

/** The rule without stray spaces and empty places; undefined where something is missing. */
function tidyRule(rule: Rule): Rule | undefined {
  switch (rule.kind) {
    case 'alias': {
      const [name, model] = [rule.name.trim(), rule.model.trim()];
      return name === '' || model === '' ? undefined : { ...rule, name, model };
    }
    case 'unknown': {
      const model = rule.model?.trim() ?? null;
      return model === '' || rule.client === '' ? undefined : { ...rule, model };
    }
    case 'fallback': {
      const [name, models] = [
        rule.name.trim(),
        rule.models.map((model) => model.trim()).filter((model) => model !== ''),
      ];
      return name === '' || models.length === 0 ? undefined : { ...rule, name, models };
    }
    case 'hidden':
      return rule.pattern.trim() === '' ? undefined : { ...rule, pattern: rule.pattern.trim() };
    default:
      return rule;
  }
}
