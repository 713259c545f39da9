// Writes the accounts of a provider into files of the person's choice. No secret comes to this page: the engine writes them.
import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProviderView } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import sheet from './sheet.module.css';

/** The inputs and what came of them. */
export function WriteList({ provider }: { readonly provider: ProviderView }) {
  const t = useTexts();
  const { client } = useContract();
  const [folder, setFolder] = useState('');
  const [secrets, setSecrets] = useState(false);
  const write = useMutation({
    mutationFn: () => client.accounts.writeList({ provider: provider.id, folder: folder.trim(), secrets }),
  });
  return (
    <div className={sheet.apart}>
      <TextInput
        label={t('list.folder')}
        description={t('list.folderHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={folder}
        spellCheck={false}
        onChange={(event) => setFolder(event.currentTarget.value)}
      />
      <Checkbox
        checked={secrets}
        onChange={(event) => setSecrets(event.currentTarget.checked)}
        label={t('list.secrets')}
        description={secrets ? t('list.secretsWarning') : undefined}
      />
      <div>
        <Button
          size="xs"
          variant="default"
          disabled={folder.trim() === ''}
          loading={write.isPending}
          onClick={() => write.mutate()}
        >
          {t('list.write')}
        </Button>
      </div>
      {write.error !== null && (
        <Message tone="bad" title={t('list.notWritten')}>
          {describeError(write.error)}
        </Message>
      )}
      {write.data !== undefined && (
        <Message tone="good" title={t('list.written')}>
          {write.data.files.join(', ')}
        </Message>
      )}
    </div>
  );
}
