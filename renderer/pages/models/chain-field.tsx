// Models in an order: typed, added, taken out, and moved up and down by buttons or Alt and the arrow keys.
import { ActionIcon, Button, VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Icon } from '../../components/icons.tsx';
import { ModelInput } from '../../components/model-input.tsx';
import { useTexts } from '../../lib/i18n.ts';
import classes from './rules.module.css';

const MOST = 20;

type Direction = 'up' | 'down';

/** The list; at least one place is always there. */
export function ChainField(properties: {
  readonly models: readonly string[];
  readonly error: string | undefined;
  readonly onChange: (models: string[]) => void;
}) {
  const { models, error, onChange } = properties;
  const t = useTexts();
  const list = useRef<HTMLOListElement>(null);
  const [moved, setMoved] = useState<{ readonly to: number; readonly direction: Direction }>();
  useEffect(() => {
    if (moved === undefined) return;
    const row = list.current?.children[moved.to];
    const button = row?.querySelector<HTMLButtonElement>(`[data-move=${moved.direction}]:not(:disabled)`);
    (button ?? row?.querySelector<HTMLButtonElement>('[data-move]:not(:disabled)'))?.focus();
  }, [moved]);
  const move = (from: number, direction: Direction) => {
    const to = direction === 'up' ? from - 1 : from + 1;
    if (to < 0 || to >= models.length) return;
    const order = [...models];
    order.splice(to, 0, ...order.splice(from, 1));
    onChange(order);
    setMoved({ to, direction });
  };
  const moveByKey = (event: KeyboardEvent, index: number) => {
    const direction = event.key === 'ArrowUp' ? 'up' : event.key === 'ArrowDown' ? 'down' : undefined;
    if (!event.altKey || direction === undefined) return;
    // The list of suggestions would take the key for its own.
    event.preventDefault();
    event.stopPropagation();
    move(index, direction);
  };
  return (
    <div>
      <p className={classes.fieldName}>{t('rules.form.chain')}</p>
      <ol className={classes.chain} ref={list}>
        {models.map((model, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a place in the order has no other name
          <li key={index} className={classes.chainRow}>
            <span className={classes.place}>{index + 1}.</span>
            <ModelInput
              hiddenLabel={t('rules.form.place', { place: index + 1 })}
              placeholder={t('rules.form.chainPlaceholder')}
              value={model}
              onChange={(value) => onChange(models.map((one, place) => (place === index ? value : one)))}
              onKeyDown={(event) => moveByKey(event, index)}
            />
            {(['up', 'down'] as const).map((direction) => (
              <ActionIcon
                key={direction}
                variant="subtle"
                color="gray"
                size={28}
                data-move={direction}
                disabled={direction === 'up' ? index === 0 : index === models.length - 1}
                aria-label={t(`rules.form.${direction}`, { model, place: index + 1 })}
                title={t(`rules.form.${direction}Hint`)}
                onClick={() => move(index, direction)}
              >
                <Icon name={direction} size={14} />
              </ActionIcon>
            ))}
            <ActionIcon
              variant="subtle"
              color="gray"
              size={28}
              disabled={models.length === 1}
              aria-label={t('rules.form.takeOut', { model, place: index + 1 })}
              title={t('accounts.remove')}
              onClick={() => onChange(models.filter((_, place) => place !== index))}
            >
              <Icon name="close" size={14} />
            </ActionIcon>
          </li>
        ))}
      </ol>
      <VisuallyHidden role="status">
        {moved !== undefined && t('rules.form.moved', { model: models[moved.to], place: moved.to + 1 })}
      </VisuallyHidden>
      {error !== undefined && <p className={classes.warning}>{error}</p>}
      {models.length < MOST && (
        <Button
          variant="subtle"
          size="compact-sm"
          mt={6}
          leftSection={<Icon name="plus" size={13} />}
          onClick={() => onChange([...models, ''])}
        >
          {t('rules.form.addModel')}
        </Button>
      )}
    </div>
  );
}
