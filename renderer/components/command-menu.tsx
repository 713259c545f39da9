// Ctrl/Cmd+K: any page, account, project, model, rule, recent request and action by typing a part of its name.
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useTexts } from '../lib/i18n.ts';
import { openPlace, PAGE_IDS } from '../lib/navigation.ts';
import {
  useAccountDeeds,
  useAccountEntries,
  useActions,
  useModelEntries,
  useProjectEntries,
  useRequestEntries,
  useRuleEntries,
} from './command-entries.tsx';
import classes from './command-menu.module.css';
import { Icon } from './icons.tsx';

/** The menu, closed until its keys are pressed. */
export function CommandMenu() {
  const t = useTexts();
  const pages = PAGE_IDS.map((id) => ({
    id: `page-${id}`,
    label: t(`pages.${id}`),
    leftSection: <Icon name={id} />,
    onClick: () => openPlace(id),
  }));
  const groups: SpotlightActionGroupData[] = [
    { group: t('app.goTo'), actions: pages },
    { group: t('app.actions'), actions: [...useActions(), ...useAccountDeeds()] },
    { group: t('pages.accounts'), actions: useAccountEntries() },
    { group: t('pages.projects'), actions: useProjectEntries() },
    { group: t('pages.models'), actions: useModelEntries() },
    { group: t('rules.tab'), actions: useRuleEntries() },
    { group: t('pages.requests'), actions: useRequestEntries() },
  ];
  return (
    <Spotlight
      actions={groups.filter((group) => group.actions.length > 0)}
      shortcut={['mod + K']}
      limit={30}
      maxHeight={420}
      scrollable
      nothingFound={t('app.nothingFound')}
      searchProps={{
        placeholder: t('app.searchHint'),
        leftSection: <Icon name="search" />,
        'aria-label': t('app.searchHint'),
      }}
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.3 }}
      classNames={{
        content: classes.content,
        search: classes.search,
        action: classes.action,
        actionsGroup: classes.group,
      }}
    />
  );
}
