// Ctrl/Cmd+K: any page, account, project, model, recent request and action by typing a part of its name.
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useTexts } from '../lib/i18n.ts';
import { openPlace, PAGE_IDS } from '../lib/navigation.ts';
import {
  useAccounts,
  useContract,
  useKeys,
  useLatestRequests,
  useModels,
  useProjects,
  useStatus,
} from '../lib/use-contract.ts';
import classes from './command-menu.module.css';
import { KEY_PLACEHOLDER, useCopy } from './copy-button.tsx';
import { Icon, type IconName } from './icons.tsx';

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
    { group: t('app.actions'), actions: useActions() },
    { group: t('pages.accounts'), actions: useAccountEntries() },
    { group: t('pages.projects'), actions: useProjectEntries() },
    { group: t('pages.models'), actions: useModelEntries() },
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

function entry(id: string, label: string, icon: IconName, onClick: () => void, description?: string) {
  return {
    id,
    label,
    leftSection: <Icon name={icon} />,
    onClick,
    ...(description === undefined ? {} : { description }),
  };
}

function useActions() {
  const t = useTexts();
  const { client } = useContract();
  const copy = useCopy();
  const status = useStatus().data;
  const door = status?.door;
  const keys = useKeys().data ?? [];
  const actions = [
    entry('add-account', t('accounts.add'), 'plus', () => openPlace('accounts', { add: '' })),
    entry('add-project', t('projects.add'), 'plus', () => openPlace('projects', { add: '' })),
  ];
  if (door !== undefined) actions.push(entry('copy-url', t('door.copyBaseUrl'), 'copy', () => void copy(door.baseUrl)));
  for (const { id, name, lastFour } of keys) {
    const label = keys.length === 1 ? t('door.copyKey') : t('keys.copy', { name });
    actions.push(entry(`copy-key-${id}`, label, 'key', () => void copy(KEY_PLACEHOLDER, id), `••••${lastFour}`));
  }
  // In a browser this page itself comes through the door.
  if (door?.state === 'serving' && status?.mode === 'desktop')
    actions.push(entry('stop', t('door.stop'), 'power', () => void client.door.stop()));
  if (door?.state === 'stopped') actions.push(entry('start', t('door.start'), 'power', () => void client.door.start()));
  return actions;
}

function useAccountEntries() {
  const accounts = useAccounts().data ?? [];
  return accounts.map((account) =>
    entry(
      `account-${account.id}`,
      account.name,
      'accounts',
      () => openPlace('accounts', { open: account.id }),
      account.providerName,
    ),
  );
}

function useProjectEntries() {
  const projects = useProjects().data ?? [];
  return projects.map((project) =>
    entry(
      `project-${project.id}`,
      project.name,
      'projects',
      () => openPlace('projects', { open: project.id }),
      project.path,
    ),
  );
}

function useModelEntries() {
  const models = useModels().data?.models ?? [];
  return models.map((model) =>
    entry(
      `model-${model.account}-${model.id}`,
      model.id,
      'models',
      () => openPlace('models', { search: model.id }),
      model.accountName,
    ),
  );
}

function useRequestEntries() {
  const requests = useLatestRequests().data?.requests ?? [];
  return requests.map((request) =>
    entry(
      `request-${request.id}`,
      `${request.client} · ${request.modelAsked}`,
      'requests',
      () => openPlace('requests', { open: request.id }),
      request.id,
    ),
  );
}
