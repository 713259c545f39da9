// The fields that most people never touch, behind one button; open from the start where one of them is in use.
import { Button, Collapse } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import type { Field } from '../../../shared/views.ts';
import { Icon } from '../../components/icons.tsx';
import { useTexts } from '../../lib/i18n.ts';
import classes from './sheet.module.css';

/** Nothing where no field is advanced. */
export function AdvancedFields(properties: {
  readonly fields: readonly Field[];
  /** Whether the person must see the field: it has a value, or something is wrong with it. */
  readonly inUse: (field: Field) => boolean;
  readonly show: (field: Field) => ReactNode;
}) {
  const t = useTexts();
  const id = useId();
  const fields = properties.fields.filter(({ advanced }) => advanced);
  const [asked, setAsked] = useState(() => fields.some(properties.inUse));
  if (fields.length === 0) return undefined;
  const open = asked || fields.some(properties.inUse);
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        className={classes.more}
        aria-expanded={open}
        aria-controls={id}
        leftSection={<Icon name={open ? 'up' : 'plus'} size={14} />}
        onClick={() => setAsked(!open)}
      >
        {t(open ? 'sheet.fewerFields' : 'sheet.moreFields')}
      </Button>
      <Collapse id={id} expanded={open}>
        <div className={classes.moreFields}>{fields.map(properties.show)}</div>
      </Collapse>
    </div>
  );
}
