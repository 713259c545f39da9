// The list of clients: in groups, narrowed by typing a part of a name.
import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../../components/icons.tsx';
import { useTexts } from '../../lib/i18n.ts';
import classes from './connect.module.css';
import { type ClientGuide, GROUPS } from './guide.ts';

/** The list; Enter in its search opens the first client that is left. */
export function ClientList(properties: {
  readonly guides: readonly ClientGuide[];
  readonly open: ClientGuide;
  onOpen(guide: ClientGuide): void;
}) {
  const { guides, open, onOpen } = properties;
  const t = useTexts();
  const [search, setSearch] = useState('');
  const current = useRef<HTMLButtonElement>(null);
  // A guide that was opened by a link may be far down the list.
  useEffect(() => {
    // Newer browsers give a promise, which React would take for a way to clean up.
    current.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const words = search.trim().toLowerCase();
  const found = guides.filter(({ name }) => name.toLowerCase().includes(words));
  const groups = GROUPS.map((group) => ({ group, members: found.filter((guide) => guide.group === group) }));
  const [first] = groups.flatMap(({ members }) => members);
  return (
    <nav className={classes.clients} aria-label={t('connect.clients')}>
      <TextInput
        className={classes.find}
        aria-label={t('connect.find')}
        placeholder={t('connect.find')}
        leftSection={<Icon name="search" size={14} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && first !== undefined) onOpen(first);
          if (event.key === 'Escape') setSearch('');
        }}
      />
      <div className={classes.list}>
        {groups.map(({ group, members }) =>
          members.length === 0 ? undefined : (
            <div key={group}>
              <p className={classes.groupName}>{t(`connect.${group}`)}</p>
              {members.map((guide) => (
                <button
                  key={guide.id}
                  type="button"
                  className={classes.client}
                  ref={guide === open ? current : undefined}
                  aria-current={guide === open ? 'true' : undefined}
                  onClick={() => onOpen(guide)}
                >
                  {guide.name}
                </button>
              ))}
            </div>
          ),
        )}
        {found.length === 0 && <p className={classes.noneFound}>{t('connect.noneFound')}</p>}
      </div>
    </nav>
  );
}
