// What the command menu finds: each entry with the place it opens or the thing it does.
import { isHeldBack } from '../lib/account-rest.ts';
import { useTexts } from '../lib/i18n.ts';
import { readModelName } from '../lib/model-names.ts';
import { openPlace } from '../lib/navigation.ts';
import { listRules, ruleId, writeRule } from '../lib/rules.ts';
import { useAccountActions } from '../lib/use-account-actions.ts';
import {
  useAccounts,
  useContract,
  useKeys,
  useLatestRequests,
  useModels,
  useProjects,
  useStatus,
} from '../lib/use-contract.ts';
import { useRouting } from '../lib/use-routing.ts';
import { KEY_PLACEHOLDER, useCopy } from './copy-button.tsx';
import { Icon, type IconName } from './icons.tsx';

function entry(id: string, label: string, icon: IconName, onClick: () => void, description?: string) {
  return {
    id,
    label,
    leftSection: <Icon name={icon} />,
    onClick,
    ...(description === undefined ? {} : { description }),
  };
}

/** What can be done from anywhere. */
export function useActions() {
  const t = useTexts();
  const { client } = useContract();
  const copy = useCopy();
  const status = useStatus().data;
  const door = status?.door;
  const keys = useKeys().data ?? [];
  const actions = [
    entry('add-account', t('accounts.add'), 'plus', () => openPlace('accounts', { add: '' })),
    entry('add-project', t('projects.add'), 'plus', () => openPlace('projects', { add: '' })),
    entry('try-name', t('app.tryName'), 'models', () => openPlace('models')),
    entry('import-rules', t('app.importRules'), 'models', () => openPlace('models', { view: 'rules', import: '' })),
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

/** All accounts. */
export function useAccountEntries() {
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

/** All projects. */
export function useProjectEntries() {
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

/** All models that can be asked for. */
export function useModelEntries() {
  const models = useModels().data?.models ?? [];
  return models.map((model) =>
    entry(
      `model-${model.account}-${model.id}`,
      readModelName(model),
      'models',
      () => openPlace('models', { search: model.id }),
      model.accountName,
    ),
  );
}

/** The newest requests. */
export function useRequestEntries() {
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

/** Every rule as its line. */
export function useRuleEntries() {
  const t = useTexts();
  const rules = listRules(useRouting().routing);
  return rules.map((rule) =>
    entry(
      `rule-${ruleId(rule)}`,
      writeRule(rule, t),
      'edit',
      () => openPlace('models', rule.kind === 'thinking' ? { view: 'rules' } : { view: 'rules', rule: ruleId(rule) }),
      t(`rules.title.${rule.kind}`),
    ),
  );
}

/** For each account what fits its state: to use it now, or to let it rest. */
export function useAccountDeeds() {
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  const { use, rest } = useAccountActions();
  return accounts.map((account) => {
    const { id, name } = account;
    return isHeldBack(account)
      ? entry(`use-${id}`, t('accounts.useNowOf', { name }), 'play', () => use(account))
      : entry(`rest-${id}`, t('accounts.restOf', { name }), 'rest', () => rest(account, 'hour'));
  });
}
