// What can be asked for now, by which name, and what each is able to do; with a search.
import { Button, Select, TextInput, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { Empty, Message } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { formatCount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace, type Place } from '../../lib/navigation.ts';
import { useAccounts, useContract, useModels } from '../../lib/use-contract.ts';
import classes from './model-list.module.css';
import { ModelTable } from './model-table.tsx';

/** The list; `parameters.search` and `.account` narrow it from the start. */
export function ModelList({ parameters }: { readonly parameters: Place['parameters'] }) {
  const models = useModels();
  const [search, setSearch] = useState(parameters.search ?? '');
  const [account, setAccount] = useState(parameters.account);
  const clear = () => {
    setSearch('');
    setAccount(undefined);
  };
  return (
    <div className={classes.page}>
      <QueryGate query={models} skeletonHeight={400}>
        {(known) => {
          const fitting = known.models.filter((model) => fits(model, search, account));
          return (
            <>
              <Tools
                search={search}
                onSearch={setSearch}
                account={account}
                onAccount={setAccount}
                shown={fitting.length}
                total={known.models.length}
              />
              <Failures failures={known.failures} />
              <Panel flush>
                <div className={classes.table}>
                  {fitting.length === 0 ? (
                    <NoModels search={search} any={known.models.length > 0} onClear={clear} />
                  ) : (
                    <ModelTable models={fitting} />
                  )}
                </div>
              </Panel>
            </>
          );
        }}
      </QueryGate>
    </div>
  );
}

function fits(model: ModelView, search: string, account: string | undefined): boolean {
  if (account !== undefined && model.account !== account) return false;
  const wanted = search.trim().toLowerCase();
  return [model.id, ...(model.names ?? []), model.name ?? '', model.accountName]
    .join(' ')
    .toLowerCase()
    .includes(wanted);
}

function Tools(properties: {
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly account: string | undefined;
  readonly onAccount: (account: string | undefined) => void;
  readonly shown: number;
  readonly total: number;
}) {
  const { search, onSearch, account, onAccount, shown, total } = properties;
  const t = useTexts();
  const { client, queries, queryClient } = useContract();
  const accounts = useAccounts().data ?? [];
  const refresh = useMutation({
    mutationFn: () => client.models.list({ refresh: true }),
    onSuccess: (answer) =>
      queryClient.setQueryData(queries.models.list.queryKey({ input: { refresh: false } }), answer),
  });
  return (
    <div className={classes.tools}>
      <TextInput
        className={classes.search}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
        placeholder={t('models.search')}
        aria-label={t('models.search')}
        leftSection={<Icon name="search" size={14} />}
      />
      <Select
        className={classes.account}
        data={accounts.map(({ id, name }) => ({ value: id, label: name }))}
        value={account ?? null}
        onChange={(value) => onAccount(value ?? undefined)}
        placeholder={t('models.allAccounts')}
        aria-label={t('models.account')}
        clearable
      />
      <span className={classes.count}>
        {shown === total
          ? t('models.count', { count: total, formatted: formatCount(total) })
          : t('models.countOf', { count: shown, formatted: formatCount(total) })}
      </span>
      <Tooltip label={t('models.refreshHint')}>
        <Button
          variant="default"
          leftSection={<Icon name="refresh" size={14} />}
          loading={refresh.isPending}
          onClick={() => refresh.mutate()}
        >
          {t('models.refresh')}
        </Button>
      </Tooltip>
    </div>
  );
}

function Failures({ failures }: { readonly failures: readonly { readonly account: string; readonly text: string }[] }) {
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  return failures.map((failure) => (
    <Message
      key={failure.account}
      tone="warning"
      title={t('models.failures', {
        account: accounts.find(({ id }) => id === failure.account)?.name ?? failure.account,
      })}
      actions={
        <Button variant="default" onClick={() => openPlace('accounts', { open: failure.account })}>
          {t('models.goToAccount')}
        </Button>
      }
    >
      {failure.text}
    </Message>
  ));
}

function NoModels({
  search,
  any,
  onClear,
}: {
  readonly search: string;
  readonly any: boolean;
  readonly onClear: () => void;
}) {
  const t = useTexts();
  if (any)
    return (
      <Empty
        title={t('models.noMatch', { search })}
        actions={
          <Button variant="default" onClick={onClear}>
            {t('models.clearSearch')}
          </Button>
        }
      />
    );
  return (
    <Empty
      title={t('models.none')}
      actions={<Button onClick={() => openPlace('accounts', { add: '' })}>{t('accounts.add')}</Button>}
    >
      {t('models.noneText')}
    </Empty>
  );
}
