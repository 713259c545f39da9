// Models: the tester on top, which shows the way from a name to an account; below it what can be asked for, or the rules.
import { Tabs } from '@mantine/core';
import { useTexts } from '../../lib/i18n.ts';
import { type Place, replacePlace } from '../../lib/navigation.ts';
import type { AddableKind } from '../../lib/rules.ts';
import { ImportSheet } from './import-sheet.tsx';
import { ModelList } from './model-list.tsx';
import classes from './models.module.css';
import { RuleSheet } from './rule-sheet.tsx';
import { RulesPanel } from './rules-panel.tsx';
import { Tester } from './tester.tsx';

/**
 * The page; `view` is `rules` for the rules, `try` puts a name into the tester, `search` and `account` narrow the list, `rule`
 * opens one, `add` a new one of that kind (with `name`), `import` the sheet for texts.
 */
export function ModelsPage({ parameters }: { readonly parameters: Place['parameters'] }) {
  const t = useTexts();
  const isRules = parameters.view === 'rules';
  // What is being tried stays where it is, whatever is opened below.
  const tried: Place['parameters'] = parameters.try === undefined ? {} : { try: parameters.try };
  const go = (to: Place['parameters']) => replacePlace('models', { ...tried, ...to });
  const close = () => go({ view: 'rules' });
  const add = (kind: AddableKind, name = '') => go({ view: 'rules', add: kind, name });
  return (
    <div className={classes.page}>
      {/* A new name from elsewhere starts the tester anew. */}
      <Tester key={parameters.try} name={parameters.try ?? ''} onAddRule={(name) => add('alias', name)} />
      <Tabs
        value={isRules ? 'rules' : 'models'}
        onChange={(view) => go(view === 'rules' ? { view } : {})}
        classNames={{ root: classes.tabs, panel: classes.panel, list: classes.tabList, tab: classes.tab }}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="models">{t('models.tab')}</Tabs.Tab>
          <Tabs.Tab value="rules">{t('rules.tab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="models">
          {/* A new search from the command menu starts the list anew. */}
          <ModelList key={`${parameters.search}/${parameters.account}`} parameters={parameters} />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <RulesPanel
            onAdd={add}
            onEdit={(rule) => go({ view: 'rules', rule })}
            onImport={() => go({ view: 'rules', import: '' })}
          />
        </Tabs.Panel>
      </Tabs>
      <RuleSheet open={parameters.rule} add={parameters.add} name={parameters.name ?? ''} onClose={close} />
      <ImportSheet opened={parameters.import !== undefined} onClose={close} />
    </div>
  );
}
