// The first part of a project's sheet: its name, its folder and a word about it.
import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { writeAgentName } from '../../lib/agent-name.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract, useStatus } from '../../lib/use-contract.ts';
import type { Fault, ProjectInput } from './project-input.ts';
import classes from './sheet.module.css';

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

/** The fields; in the desktop app the folder can be chosen in the system's own window. */
export function FolderForm(properties: {
  readonly input: ProjectInput;
  /** Of a project that is changed. */
  readonly id: string | undefined;
  readonly faults: readonly Fault[];
  readonly onChange: (part: Partial<ProjectInput>) => void;
}) {
  const { input, id, faults, onChange } = properties;
  const t = useTexts();
  const { client } = useContract();
  const hasPicker = useStatus().data?.mode === 'desktop';
  const choose = useMutation({
    mutationFn: () => client.host.chooseFolder(),
    onSuccess: ({ path }) => {
      if (path === undefined) return;
      const last = path.split(/[\\/]/).findLast((part) => part !== '') ?? '';
      onChange({ path, ...(input.name === '' ? { name: last } : {}) });
    },
  });
  const faulty = (at: Fault['at']) => faults.some((fault) => fault.at === at);
  return (
    <>
      <TextInput
        label={t('projects.fields.name')}
        description={id === undefined ? t('projects.nameHelp') : t('projects.nameKeeps', { name: writeAgentName(id) })}
        inputWrapperOrder={ORDER}
        value={input.name}
        maxLength={200}
        data-autofocus
        autoComplete="off"
        error={faulty('name') && t('projects.missing')}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <div className={classes.folder}>
        <TextInput
          className={classes.grow}
          classNames={{ input: classes.mono }}
          label={t('projects.fields.path')}
          description={t('projects.pathHelp')}
          placeholder={t('projects.pathExample')}
          inputWrapperOrder={ORDER}
          value={input.path}
          maxLength={4096}
          spellCheck={false}
          autoComplete="off"
          error={faulty('path') && t('projects.missing')}
          onChange={(event) => onChange({ path: event.currentTarget.value })}
        />
        {hasPicker && (
          <Button
            className={classes.choose}
            variant="default"
            loading={choose.isPending}
            onClick={() => choose.mutate()}
          >
            {t('projects.choose')}
          </Button>
        )}
      </div>
      <Textarea
        label={
          <>
            {t('projects.description')}
            <span className={classes.optional}>{t('sheet.optional')}</span>
          </>
        }
        value={input.description}
        maxLength={2000}
        autosize
        minRows={1}
        maxRows={4}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
    </>
  );
}
