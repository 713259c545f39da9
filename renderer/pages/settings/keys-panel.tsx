// The client keys: one row each, and the sheet that adds or changes one.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ClientKeyView } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useKeys } from '../../lib/use-contract.ts';
import { KeyRow } from './key-row.tsx';
import { KeySheet } from './key-sheet.tsx';

/** The panel with one row per key. */
export function KeysPanel() {
  const t = useTexts();
  const keys = useKeys();
  const [sheet, setSheet] = useState<{ readonly opened: boolean; readonly key?: ClientKeyView }>({ opened: false });
  const [fresh, setFresh] = useState<string>();
  const close = () => setSheet((before) => ({ ...before, opened: false }));
  return (
    <Panel
      title={t('keys.title')}
      flush
      aside={
        <Button variant="light" leftSection={<Icon name="plus" size={14} />} onClick={() => setSheet({ opened: true })}>
          {t('keys.add')}
        </Button>
      }
    >
      <QueryGate query={keys} skeletonHeight={72}>
        {(known) => (
          <>
            {known.map((key) => (
              <KeyRow
                key={key.id}
                clientKey={key}
                isOnly={known.length === 1}
                isFresh={key.id === fresh}
                onEdit={() => setSheet({ opened: true, key })}
                onRenewed={() => setFresh(undefined)}
              />
            ))}
            <KeySheet
              opened={sheet.opened}
              clientKey={sheet.key}
              others={known}
              onSaved={(saved) => {
                if (sheet.key === undefined) setFresh(saved.id);
                close();
              }}
              onClose={close}
            />
          </>
        )}
      </QueryGate>
    </Panel>
  );
}
