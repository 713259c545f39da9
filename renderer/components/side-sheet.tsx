// The sheet that opens beside a page for one thing to be made or changed; closing it forgets what was not saved.
import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../lib/i18n.ts';
import classes from './side-sheet.module.css';

/** The sheet. */
export function SideSheet(properties: {
  readonly opened: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { opened, title, onClose, children } = properties;
  const t = useTexts();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={480}
      title={title}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      classNames={{ title: classes.title, content: classes.sheet, body: classes.body, header: classes.head }}
    >
      {children}
    </Drawer>
  );
}
