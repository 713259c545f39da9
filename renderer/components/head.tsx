// The head of every page: its title, the way to the command menu, and the state of the door, said here and nowhere else.
import { Kbd, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import type { DoorView } from '../../shared/views.ts';
import { useTexts } from '../lib/i18n.ts';
import { openPlace } from '../lib/navigation.ts';
import { useConnection, useContract, useStatus } from '../lib/use-contract.ts';
import classes from './head.module.css';
import { Icon } from './icons.tsx';
import { StateMark, type Tone } from './state-mark.tsx';

const DOOR_TONES: Record<DoorView['state'], Tone> = {
  serving: 'good',
  starting: 'busy',
  stopping: 'busy',
  stopped: 'idle',
  'port-taken': 'bad',
  failed: 'bad',
};

const ON_MAC = /mac/i.test(navigator.userAgent);

/** The head with the page's title. */
export function Head({ title }: { readonly title: string }) {
  const t = useTexts();
  return (
    <header className={classes.head}>
      <h1 className={classes.title}>{title}</h1>
      <div className={classes.aside}>
        <UnstyledButton
          className={classes.search}
          onClick={spotlight.open}
          aria-label={t('app.searchHint')}
          title={t('app.searchHint')}
        >
          <Icon name="search" size={14} />
          <span className={classes.searchWord}>{t('app.search')}</span>
          <Kbd className={classes.keys}>{ON_MAC ? '⌘K' : 'Ctrl K'}</Kbd>
        </UnstyledButton>
        <LineOrDoor />
      </div>
    </header>
  );
}

function LineOrDoor() {
  const t = useTexts();
  const connection = useConnection();
  const { feed } = useContract();
  const door = useStatus().data?.door;
  if (connection === 'lost')
    return (
      <UnstyledButton
        className={classes.state}
        onClick={feed.retry}
        title={`${t('connection.lostText')} ${t('connection.tryNow')}`}
        role="status"
      >
        <StateMark tone="warning" word={t('connection.lost')} />
      </UnstyledButton>
    );
  return (
    <UnstyledButton
      className={classes.state}
      onClick={() => openPlace('overview')}
      title={door?.problem ?? door?.baseUrl}
    >
      {door === undefined ? (
        <StateMark tone="busy" word={t('connection.connecting')} />
      ) : (
        <StateMark tone={DOOR_TONES[door.state]} word={t(`door.${door.state}`)} />
      )}
    </UnstyledButton>
  );
}
