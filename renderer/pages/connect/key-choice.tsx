// Which of several client keys goes into what is copied; one that has expired cannot be chosen.
import { Select } from '@mantine/core';
import { isExpired } from '../../../shared/client-keys.ts';
import type { ClientKeyView } from '../../../shared/views.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useNow } from '../../lib/use-contract.ts';
import classes from './connect.module.css';

/** The choice, by name and last four. */
export function KeyChoice(properties: {
  readonly keys: readonly ClientKeyView[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}) {
  const { keys, chosen, onChoose } = properties;
  const t = useTexts();
  const now = useNow(60_000);
  const tell = (key: ClientKeyView) =>
    isExpired(key, now) ? t('connect.keyExpired', { name: key.name }) : `${key.name} ••••${key.lastFour}`;
  return (
    <Select
      className={classes.key}
      aria-label={t('connect.key')}
      leftSection={<span className={classes.modelLabel}>{t('connect.key')}</span>}
      leftSectionWidth={44}
      data={keys.map((key) => ({ value: key.id, label: tell(key), disabled: isExpired(key, now) }))}
      value={chosen ?? null}
      onChange={(id) => onChoose(id ?? undefined)}
      searchable={keys.length > 8}
      allowDeselect={false}
    />
  );
}
