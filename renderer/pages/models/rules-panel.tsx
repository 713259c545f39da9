// The rules, kind by kind in the order in which they act, each as one readable line.
import { Button, Menu } from '@mantine/core';
import { useMemo } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { Message } from '../../components/message.tsx';
import { MoreMenu } from '../../components/more-menu.tsx';
import { Panel } from '../../components/panel.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { writePlace } from '../../lib/navigation.ts';
import { createRuleWarner } from '../../lib/rule-warnings.ts';
import { type AddableKind, listRules, type Rule, type RuleKind, ruleId } from '../../lib/rules.ts';
import { writeRulesFile } from '../../lib/rules-file.ts';
import { useKeys, useModels } from '../../lib/use-contract.ts';
import { useRouting } from '../../lib/use-routing.ts';
import { RuleLine } from './rule-line.tsx';
import classes from './rules.module.css';

/** The kinds in the order in which they act. */
const SECTIONS: readonly RuleKind[] = ['alias', 'thinking', 'unknown', 'fallback', 'hidden', 'attempts'];

const isAddable = (kind: RuleKind): kind is AddableKind => kind !== 'thinking' && kind !== 'attempts';

/** The panel. `onEdit` gets the id of a rule. */
export function RulesPanel(properties: {
  readonly onAdd: (kind: AddableKind) => void;
  readonly onEdit: (rule: string) => void;
  readonly onImport: () => void;
}) {
  const { onAdd, onEdit, onImport } = properties;
  const t = useTexts();
  const access = useRouting();
  const { routing, isFixed, problem } = access;
  const warn = useWarner();
  const rules = listRules(routing);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <p className={classes.intro}>
          {t('rules.intro')} <a href={writePlace('accounts')}>{t('rules.introPools')}</a>
        </p>
        <CopyButton text={writeRulesFile(routing)} label={t('rules.copy')} withLabel />
        <Button variant="default" onClick={onImport}>
          {t('rules.import')}
        </Button>
        <MoreMenu label={t('rules.more')}>
          <Menu.Item leftSection={<Icon name="copy" />} onClick={() => download(writeRulesFile(routing))}>
            {t('rules.download')}
          </Menu.Item>
        </MoreMenu>
      </div>
      {isFixed && <Message tone="warning" title={t('rules.fixed')} />}
      {problem !== undefined && (
        <Message tone="bad" title={t('sheet.notSaved')}>
          {problem}
        </Message>
      )}
      <Panel flush label={t('rules.tab')}>
        {SECTIONS.map((kind) => (
          <Section key={kind} kind={kind} rules={rules.filter((rule) => rule.kind === kind)} onAdd={onAdd}>
            {(rule) => (
              <RuleLine key={ruleId(rule)} rule={rule} warnings={warn(rule)} access={access} onEdit={onEdit} />
            )}
          </Section>
        ))}
      </Panel>
    </div>
  );
}

function useWarner() {
  const t = useTexts();
  const { routing } = useRouting();
  const models = useModels().data?.models;
  const keys = useKeys().data;
  return useMemo(
    () => createRuleWarner({ routing, models, keys: keys?.map(({ name }) => name) ?? [] }, t),
    [routing, models, keys, t],
  );
}

function Section(properties: {
  readonly kind: RuleKind;
  readonly rules: readonly Rule[];
  readonly onAdd: (kind: AddableKind) => void;
  readonly children: (rule: Rule) => React.ReactNode;
}) {
  const { kind, rules, onAdd, children } = properties;
  const t = useTexts();
  return (
    <section className={classes.section} aria-label={t(`rules.title.${kind}`)}>
      <header className={classes.sectionHead}>
        <h2 className={classes.title}>{t(`rules.title.${kind}`)}</h2>
        <p className={classes.help}>{t(`rules.help.${kind}`)}</p>
        {isAddable(kind) && (
          <Button
            className={classes.add}
            variant="subtle"
            size="compact-sm"
            leftSection={<Icon name="plus" size={13} />}
            aria-label={t(`rules.new.${kind}`)}
            onClick={() => onAdd(kind)}
          >
            {t('rules.add')}
          </Button>
        )}
      </header>
      {rules.length > 0 && <ul>{rules.map(children)}</ul>}
    </section>
  );
}

function download(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = 'patchbay-routing.json';
  link.click();
  // The download has read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
