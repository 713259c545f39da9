// Requests: every request as a row, live, with its story beside it.
import { Button, Menu, Select, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery, useWindowEvent } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMemo, useRef, useState } from 'react';
import type { RequestView } from '../../../shared/requests.ts';
import { Icon } from '../../components/icons.tsx';
import { Empty } from '../../components/message.tsx';
import { MoreMenu } from '../../components/more-menu.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { Question } from '../../components/question.tsx';
import { formatCount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace, type Place, replacePlace } from '../../lib/navigation.ts';
import { useAccounts, useContract, useKeys } from '../../lib/use-contract.ts';
import { RequestDetail } from './request-detail.tsx';
import { RequestTable } from './request-table.tsx';
import classes from './requests.module.css';
import { type RequestFilter, useRequestFeed } from './use-request-feed.ts';

const STATES: readonly RequestView['state'][] = ['running', 'ok', 'failed', 'aborted'];

/** The table with its filters; `parameters.open` names the request whose detail is open. */
export function RequestsPage({ parameters }: { readonly parameters: Place['parameters'] }) {
  const [state, setState] = useState<RequestView['state']>();
  const [account, setAccount] = useState<string>();
  const [key, setKey] = useState(parameters.key);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const filter = useMemo<RequestFilter>(
    () => ({
      ...(state === undefined ? {} : { state }),
      ...(account === undefined ? {} : { account }),
      ...(key === undefined ? {} : { key }),
      ...(search === '' ? {} : { search }),
    }),
    [state, account, key, search],
  );
  const feed = useRequestFeed(filter);
  const small = useMediaQuery('(max-width: 839px)');
  const scroll = useRef<HTMLDivElement>(null);
  const open = parameters.open;
  const openRow = feed.rows.find((row) => row.id === open);
  const show = (row: RequestView | undefined) => replacePlace('requests', row === undefined ? {} : { open: row.id });
  useWindowEvent('keydown', (event) => {
    // An open question or menu takes its own Esc.
    const elsewhere = event.target instanceof Element && event.target.closest('[role=dialog], [role=menu]') !== null;
    if (event.key === 'Escape' && open !== undefined && !elsewhere) show(undefined);
  });
  const clear = () => {
    setState(undefined);
    setAccount(undefined);
    setKey(undefined);
    setTyped('');
  };

  return (
    <div className={classes.page}>
      <Filters
        state={state}
        onState={setState}
        account={account}
        onAccount={setAccount}
        clientKey={key}
        onKey={setKey}
        typed={typed}
        onTyped={setTyped}
        total={feed.total}
        onCleared={feed.forget}
      />
      <div className={classes.split} data-open={open !== undefined}>
        <Panel flush>
          <div className={classes.table}>
            <QueryGate query={feed.query} skeletonHeight={420}>
              {() =>
                feed.rows.length === 0 ? (
                  <NoRequests filtered={Object.keys(filter).length > 0} onClear={clear} />
                ) : (
                  <>
                    <RequestTable
                      feed={feed}
                      open={open}
                      onOpen={show}
                      scroll={scroll}
                      narrow={small || open !== undefined}
                    />
                    {feed.waiting > 0 && (
                      <FreshButton count={feed.waiting} onPress={() => scroll.current?.scrollTo({ top: 0 })} />
                    )}
                  </>
                )
              }
            </QueryGate>
          </div>
        </Panel>
        {open !== undefined && feed.query.data !== undefined && (
          <RequestDetail request={openRow} onClose={() => show(undefined)} />
        )}
      </div>
    </div>
  );
}

function FreshButton({ count, onPress }: { readonly count: number; readonly onPress: () => void }) {
  const t = useTexts();
  return (
    <Button className={classes.fresh} radius="xl" leftSection={<Icon name="up" size={14} />} onClick={onPress}>
      {t('requests.fresh', { count })}
    </Button>
  );
}

function Filters(properties: {
  readonly state: RequestView['state'] | undefined;
  readonly onState: (state: RequestView['state'] | undefined) => void;
  readonly account: string | undefined;
  readonly onAccount: (account: string | undefined) => void;
  readonly clientKey: string | undefined;
  readonly onKey: (name: string | undefined) => void;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
  readonly total: number;
  readonly onCleared: () => void;
}) {
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  const { state, onState, account, onAccount, clientKey, onKey, typed, onTyped, total } = properties;
  const keys = useKeys().data?.map(({ name }) => name) ?? [];
  // Requests of a key that is gone are still there.
  const known = clientKey === undefined || keys.includes(clientKey) ? keys : [clientKey, ...keys];
  const several = keys.length > 1 || clientKey !== undefined;
  return (
    <div className={classes.filters} data-several={several}>
      <fieldset className={classes.chips} aria-label={t('requests.state')}>
        {(['all', ...STATES] as const).map((one) => (
          <button
            key={one}
            type="button"
            className={classes.chip}
            aria-pressed={one === (state ?? 'all')}
            onClick={() => onState(one === 'all' ? undefined : one)}
          >
            {t(`requests.${one}`)}
          </button>
        ))}
      </fieldset>
      <Select
        className={classes.account}
        data={accounts.map(({ id, name }) => ({ value: id, label: name }))}
        value={account ?? null}
        onChange={(value) => onAccount(value ?? undefined)}
        placeholder={t('requests.allAccounts')}
        aria-label={t('requests.account')}
        clearable
      />
      {several && (
        <Select
          className={classes.account}
          data={known}
          value={clientKey ?? null}
          onChange={(value) => onKey(value ?? undefined)}
          placeholder={t('requests.allKeys')}
          aria-label={t('requests.key')}
          clearable
        />
      )}
      <TextInput
        className={classes.search}
        value={typed}
        maxLength={200}
        onChange={(event) => onTyped(event.currentTarget.value)}
        placeholder={t('requests.search')}
        aria-label={t('requests.search')}
        leftSection={<Icon name="search" size={14} />}
      />
      <span className={classes.total}>{t('requests.total', { count: total, formatted: formatCount(total) })}</span>
      <ClearMenu onCleared={properties.onCleared} />
    </div>
  );
}

function ClearMenu({ onCleared }: { readonly onCleared: () => void }) {
  const t = useTexts();
  const { client, queryClient } = useContract();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <MoreMenu label={t('requests.menu')}>
        <Menu.Item color="red" leftSection={<Icon name="remove" />} onClick={() => setAsking(true)}>
          {t('requests.clear')}
        </Menu.Item>
      </MoreMenu>
      <Question
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('requests.clearTitle')}
        confirm={t('requests.clearConfirm')}
        act={() => client.requests.clear()}
        onDone={() => {
          onCleared();
          void queryClient.invalidateQueries();
          notifications.show({ message: t('requests.cleared') });
        }}
      >
        {t('requests.clearText')}
      </Question>
    </>
  );
}

function NoRequests({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  const t = useTexts();
  if (filtered)
    return (
      <Empty
        title={t('requests.noMatch')}
        actions={
          <Button variant="default" onClick={onClear}>
            {t('requests.clearFilters')}
          </Button>
        }
      >
        {t('requests.noMatchText')}
      </Empty>
    );
  return (
    <Empty
      title={t('requests.none')}
      actions={<Button onClick={() => openPlace('connect')}>{t('overview.connectClient')}</Button>}
    >
      {t('requests.noneText')}
    </Empty>
  );
}
