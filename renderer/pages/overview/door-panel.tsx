// The door: where clients knock, with what key, and what to do where it is not open.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { StatusView } from '../../../shared/views.ts';
import { CopyButton, KEY_PLACEHOLDER } from '../../components/copy-button.tsx';
import { StartButton, TakePortButton, useDoorCall } from '../../components/door-buttons.tsx';
import { Icon } from '../../components/icons.tsx';
import { Message } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { SecondDoorTrouble } from '../../components/second-door-trouble.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace } from '../../lib/navigation.ts';
import { useContract, useKeys, useMainKey, useSettings } from '../../lib/use-contract.ts';
import classes from './overview.module.css';

/** The panel on top of the Overview. */
export function DoorPanel({ status }: { readonly status: StatusView }) {
  const t = useTexts();
  const { door, ollamaDoor, dialects } = status;
  const requireKey = useSettings().data?.ollamaRequireKey ?? true;
  const key = useMainKey();
  const count = useKeys().data?.length ?? 0;
  return (
    <>
      <DoorTrouble status={status} />
      <SecondDoorTrouble door={status.ollamaDoor} />
      <Panel
        title={t('door.title')}
        aside={
          <span className={classes.doorActions}>
            {/* In a browser this page itself comes through the door. */}
            {door.state === 'serving' && status.mode === 'desktop' && <StopButton />}
            <Button variant="light" rightSection={<Icon name="arrow" size={14} />} onClick={() => openPlace('connect')}>
              {t('door.connect')}
            </Button>
          </span>
        }
      >
        <div className={classes.door}>
          <Value label={t('door.baseUrl')} large off={door.state !== 'serving'}>
            <span className="cut" title={door.baseUrl}>
              {door.baseUrl}
            </span>
            <CopyButton text={door.baseUrl} label={t('door.copyBaseUrl')} />
          </Value>
          <Value label={t('door.key')}>
            <span title={key?.name}>{key === undefined ? '••••' : `••••${key.lastFour}`}</span>
            {key !== undefined && count > 1 && <span className={classes.keyName}>{key.name}</span>}
            <CopyButton text={KEY_PLACEHOLDER} keyId={key?.id} label={t('door.copyKey')} disabled={key === undefined} />
            {count > 1 && (
              <Button
                className={classes.moreKeys}
                variant="subtle"
                size="compact-xs"
                color="gray"
                onClick={() => openPlace('settings')}
              >
                {t('door.moreKeys', { count: count - 1 })}
              </Button>
            )}
          </Value>
          {ollamaDoor !== undefined && (
            <Value label={requireKey ? t('door.second') : t('door.secondOpen')} off={ollamaDoor.state !== 'serving'}>
              <span className="cut" title={ollamaDoor.problem ?? t(`door.${ollamaDoor.state}`)}>
                {ollamaDoor.baseUrl}
              </span>
              {ollamaDoor.state === 'serving' ? (
                <CopyButton text={ollamaDoor.baseUrl} label={t('door.copySecond')} />
              ) : (
                <span className={classes.doorState}>{t(`door.${ollamaDoor.state}`)}</span>
              )}
            </Value>
          )}
          <Value label={t('door.speaks')}>
            <span className={classes.dialects}>
              {dialects.map((dialect) => (
                <span key={dialect.name} className={classes.dialect} title={door.baseUrl + dialect.path}>
                  {dialect.name} <span className="mono">{dialect.path}</span>
                  <CopyButton text={door.baseUrl + dialect.path} label={t('door.copyUrlOf', dialect)} />
                </span>
              ))}
            </span>
          </Value>
        </div>
        {door.exposed && <p className={classes.exposed}>{t('door.exposed')}</p>}
      </Panel>
    </>
  );
}

function Value(properties: {
  readonly label: string;
  readonly large?: boolean;
  readonly off?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes.value} data-large={properties.large ?? false} data-off={properties.off ?? false}>
      <span className={classes.valueLabel}>{properties.label}</span>
      <span className={classes.valueText}>{properties.children}</span>
    </div>
  );
}

function StopButton() {
  const t = useTexts();
  const { client } = useContract();
  const stop = useDoorCall(() => client.door.stop());
  return (
    <Button variant="subtle" color="gray" loading={stop.isPending} onClick={() => stop.mutate()}>
      {t('door.stop')}
    </Button>
  );
}

function DoorTrouble({ status: { door } }: { readonly status: StatusView }) {
  const t = useTexts();
  switch (door.state) {
    case 'port-taken':
      return (
        <Message
          tone="bad"
          title={t('door.takenTitle', { port: door.port })}
          actions={
            <>
              <StartButton label={t('door.tryAgain')} secondary={door.freePort !== undefined} />
              {door.freePort !== undefined && <TakePortButton port={door.freePort} change={{ port: door.freePort }} />}
            </>
          }
        >
          {door.freePort === undefined ? t('door.takenNoFree') : t('door.takenText')}
        </Message>
      );
    case 'failed':
      return (
        <Message
          tone="bad"
          title={t('door.failedTitle')}
          actions={
            <>
              <Button variant="default" onClick={() => openPlace('settings')}>
                {t('door.openSettings')}
              </Button>
              <StartButton label={t('door.tryAgain')} />
            </>
          }
        >
          {door.problem}
        </Message>
      );
    case 'stopped':
      return (
        <Message tone="idle" title={t('door.stoppedTitle')} actions={<StartButton label={t('door.start')} />}>
          {t('door.stoppedText')}
        </Message>
      );
    default:
      return undefined;
  }
}
