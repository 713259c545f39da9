// The buttons that open a door again or give it another port; what came of it shows in the status.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { SettingsChange } from '../../shared/settings.ts';
import { describeError } from '../lib/describe-error.ts';
import { useTexts } from '../lib/i18n.ts';
import { useContract } from '../lib/use-contract.ts';

/** Runs a call on the doors; a refusal is shown as a notification. */
export function useDoorCall(call: () => Promise<unknown>) {
  const t = useTexts();
  return useMutation({
    mutationFn: call,
    onError: (error) => notifications.show({ color: 'red', title: t('failure.title'), message: describeError(error) }),
  });
}

/** Opens every door that is wanted and closed. */
export function StartButton({ label, secondary = false }: { readonly label: string; readonly secondary?: boolean }) {
  const { client } = useContract();
  const start = useDoorCall(() => client.door.start());
  return (
    <Button variant={secondary ? 'default' : 'filled'} loading={start.isPending} onClick={() => start.mutate()}>
      {label}
    </Button>
  );
}

/** Takes the port that was found free, by this change of the settings. */
export function TakePortButton({ port, change }: { readonly port: number; readonly change: SettingsChange }) {
  const t = useTexts();
  const { client } = useContract();
  const take = useDoorCall(() => client.settings.change(change));
  return (
    <Button loading={take.isPending} onClick={() => take.mutate()}>
      {t('door.takePort', { port })}
    </Button>
  );
}
