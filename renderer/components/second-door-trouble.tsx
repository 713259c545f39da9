// Why the second door is not open, and the way to another port in one press; nothing where it is open or off.
import type { DoorView } from '../../shared/views.ts';
import { useTexts } from '../lib/i18n.ts';
import { StartButton, TakePortButton } from './door-buttons.tsx';
import { Message } from './message.tsx';

/** The message, for every page that shows the second door. */
export function SecondDoorTrouble({ door }: { readonly door: DoorView | undefined }) {
  const t = useTexts();
  if (door === undefined || (door.state !== 'port-taken' && door.state !== 'failed')) return undefined;
  const { problem, freePort } = door;
  return (
    <Message
      tone="warning"
      title={problem ?? t('door.failedTitle')}
      actions={
        <>
          <StartButton label={t('door.tryAgain')} secondary />
          {freePort !== undefined && <TakePortButton port={freePort} change={{ ollamaPort: freePort }} />}
        </>
      }
    >
      {freePort === undefined ? t('door.secondNoFree') : t('door.secondTaken', { port: freePort })}
    </Message>
  );
}
