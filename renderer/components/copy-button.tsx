// Copies a text and says so in place. Text with the client key goes through the engine, which alone knows the key.
import { ActionIcon, Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTexts } from '../lib/i18n.ts';
import { useContract } from '../lib/use-contract.ts';
import { Icon } from './icons.tsx';

/** Stands for the client key in a text that is copied. */
export const KEY_PLACEHOLDER = '{{key}}';

type Outcome = 'idle' | 'copied' | 'failed';

/** A button that copies `text`; `keyId` names the key that replaces `{{key}}`. `label` is read out; shown with `withLabel`. */
export function CopyButton(properties: {
  readonly text: string;
  readonly keyId?: string | undefined;
  readonly label: string;
  readonly withLabel?: boolean;
  readonly disabled?: boolean;
}) {
  const { text, keyId, label, withLabel = false, disabled = false } = properties;
  const t = useTexts();
  const copy = useCopy();
  const [outcome, setOutcome] = useState<Outcome>('idle');
  useEffect(() => {
    if (outcome === 'idle') return;
    const timer = setTimeout(() => setOutcome('idle'), 1600);
    return () => clearTimeout(timer);
  }, [outcome]);

  const press = async () => setOutcome((await copy(text, keyId)) ? 'copied' : 'failed');
  const said = outcome === 'idle' ? label : t(`copy.${outcome}`);
  const icon = <Icon name={outcome === 'copied' ? 'done' : outcome === 'failed' ? 'close' : 'copy'} size={15} />;
  const colour = outcome === 'copied' ? 'green.8' : outcome === 'failed' ? 'red' : 'gray';
  if (withLabel)
    return (
      <Button variant="default" leftSection={icon} onClick={press} disabled={disabled} aria-live="polite">
        {said}
      </Button>
    );
  return (
    <ActionIcon
      variant="subtle"
      color={colour}
      size={28}
      aria-label={said}
      title={said}
      onClick={(event) => {
        event.stopPropagation();
        void press();
      }}
      disabled={disabled}
    >
      {icon}
    </ActionIcon>
  );
}

/** The copying itself; resolves to whether the text is on the clipboard now. */
export function useCopy(): (text: string, keyId?: string) => Promise<boolean> {
  const { client } = useContract();
  return async (text, keyId) => {
    try {
      if (keyId === undefined) {
        await writeClipboard(text);
        return true;
      }
      const answer = await client.keys.copy({ id: keyId, text });
      if (answer.text !== undefined) await writeClipboard(answer.text);
      return true;
    } catch {
      return false;
    }
  };
}

function writeClipboard(text: string): Promise<void> {
  // Pages that came over plain HTTP from another machine have no clipboard object; the old way still works there.
  if (window.isSecureContext && navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied ? Promise.resolve() : Promise.reject(new Error('The browser refused to copy.'));
}
