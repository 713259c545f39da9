// The rows of the Requests page; with the detail open only the columns that find a row stay.
import { useMediaQuery } from '@mantine/hooks';
import type { RefObject } from 'react';
import type { RequestView } from '../../../shared/requests.ts';
import { Icon } from '../../components/icons.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { REQUEST_TONES } from '../../components/state-tones.ts';
import { Cell, HeadCell, VirtualRows } from '../../components/virtual-rows.tsx';
import { formatCount, formatDayAndTime, formatDuration, formatShortTime, formatTime } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useAccounts, useKeys } from '../../lib/use-contract.ts';
import classes from './requests.module.css';
import type { useRequestFeed } from './use-request-feed.ts';

const WIDE = '116px minmax(84px, 1fr) minmax(140px, 2fr) minmax(84px, 1fr) 92px 84px 84px 76px';
const MIDDLE = '64px minmax(70px, 1fr) minmax(110px, 1.7fr) minmax(70px, 1fr) 88px 72px 66px 54px';
/** Where several keys are in use, the client's column names the key as well. */
const widen = (columns: string) => columns.replace(', 1fr)', ', 1.7fr)');
const NARROW = '64px minmax(60px, 1fr) minmax(90px, 1.6fr) 88px';

/** The table; moving the chosen row with the arrows opens its detail. */
export function RequestTable(properties: {
  readonly feed: ReturnType<typeof useRequestFeed>;
  readonly open: string | undefined;
  readonly onOpen: (row: RequestView) => void;
  readonly scroll: RefObject<HTMLDivElement | null>;
  readonly narrow: boolean;
}) {
  const { feed, open, onOpen, scroll, narrow } = properties;
  const small = useMediaQuery('(max-width: 1079px)') ?? false;
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  const several = (useKeys().data?.length ?? 0) > 1;
  const columns = narrow ? NARROW : small ? MIDDLE : WIDE;
  const nameOf = (id: string | undefined) => accounts.find((account) => account.id === id)?.name ?? id ?? '';
  return (
    <VirtualRows
      rows={feed.rows}
      rowHeight={32}
      rowKey={(row) => row.id}
      columns={several ? widen(columns) : columns}
      label={t('requests.table')}
      active={open === undefined ? -1 : feed.rows.findIndex((row) => row.id === open)}
      total={feed.total}
      onActivate={onOpen}
      onNearEnd={feed.loadMore}
      onTop={feed.reportTop}
      scrollRef={scroll}
      head={
        <>
          <HeadCell>{t('requests.time')}</HeadCell>
          <HeadCell>{t('requests.client')}</HeadCell>
          <HeadCell>{t('requests.model')}</HeadCell>
          {!narrow && <HeadCell>{t('requests.account')}</HeadCell>}
          <HeadCell>{t('requests.state')}</HeadCell>
          {!narrow && (
            <>
              <HeadCell align="end">{t('requests.firstToken')}</HeadCell>
              <HeadCell align="end">{t('requests.duration')}</HeadCell>
              <HeadCell align="end">{t('requests.tokens')}</HeadCell>
            </>
          )}
        </>
      }
      renderRow={(row) => (
        <>
          <Cell mono quiet title={formatDayAndTime(row.at)}>
            {narrow || small ? formatShortTime(row.at) : formatTime(row.at)}
          </Cell>
          <Cell title={row.key === undefined ? row.client : `${row.client} · ${row.key}`}>
            {row.client}
            {several && row.key !== undefined && <span className={classes.key}> · {row.key}</span>}
          </Cell>
          {/* What was refused before it was read names no model; its reason says more than nothing. */}
          <Cell mono={row.modelAsked !== ''} quiet={row.modelAsked === ''} title={modelTitle(row) || row.errorText}>
            {row.attempts > 1 && <Moved attempts={row.attempts} />}
            {modelTitle(row) || row.errorText}
          </Cell>
          {!narrow && (
            <Cell quiet title={nameOf(row.account)}>
              {nameOf(row.account)}
            </Cell>
          )}
          <Cell title={row.errorText}>
            <StateMark calm tone={REQUEST_TONES[row.state]} word={t(`requests.${row.state}`)} />
          </Cell>
          {!narrow && <Figures row={row} />}
        </>
      )}
    />
  );
}

/** More than one attempt was needed. */
function Moved({ attempts }: { readonly attempts: number }) {
  const t = useTexts();
  const words = t('requests.attempts', { count: attempts });
  return (
    <span className={classes.moved} role="img" aria-label={words} title={words}>
      <Icon name="branch" size={13} />
    </span>
  );
}

function Figures({ row }: { readonly row: RequestView }) {
  return (
    <>
      <Cell align="end" mono quiet>
        {row.firstTokenMs === undefined ? '' : formatDuration(row.firstTokenMs)}
      </Cell>
      <Cell align="end" mono quiet>
        {row.durationMs === undefined ? '' : formatDuration(row.durationMs)}
      </Cell>
      <Cell align="end" mono quiet>
        {row.usage?.outputTokens === undefined
          ? ''
          : `${row.usage.estimated === true ? '~' : ''}${formatCount(row.usage.outputTokens)}`}
      </Cell>
    </>
  );
}

function modelTitle({ modelAsked, modelUsed }: RequestView): string {
  return modelUsed === undefined || modelUsed === modelAsked || modelAsked.endsWith(`/${modelUsed}`)
    ? modelAsked
    : `${modelAsked} → ${modelUsed}`;
}
