// The sheet that adds or changes a client key: its name, the models that it may use, when it ends, and how much it may take.
import { Button, Drawer, NumberInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type ClientKeyView, KeyRules } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { formatCount } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import { EndField } from './key-end.tsx';
import { findKeyFaults, type KeyFault, type KeyInput, LIMITS, openKeyInput, readKeyRules } from './key-input.ts';
import { ModelsField } from './key-models.tsx';
import { tellRules } from './key-words.ts';
import classes from './keys.module.css';

interface SheetProperties {
  /** The one that is changed; undefined for a new one. */
  readonly clientKey: ClientKeyView | undefined;
  readonly others: readonly ClientKeyView[];
  readonly onSaved: (key: ClientKeyView) => void;
  readonly onClose: () => void;
}

/** The sheet. */
export function KeySheet({ opened, ...properties }: SheetProperties & { readonly opened: boolean }) {
  const t = useTexts();
  const { clientKey, onClose } = properties;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={500}
      title={clientKey === undefined ? t('keys.addTitle') : t('keys.editTitle', { name: clientKey.name })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      classNames={{ title: classes.title, content: classes.sheet, body: classes.body, header: classes.sheetHead }}
    >
      <KeyForm key={clientKey?.id} {...properties} />
    </Drawer>
  );
}

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

function KeyForm({ clientKey, others, onSaved, onClose }: SheetProperties) {
  const t = useTexts();
  const { client, queries, queryClient } = useContract();
  const [now] = useState(Date.now);
  const [input, setInput] = useState(() => openKeyInput(clientKey));
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [tries]);
  const faults = findKeyFaults(input, clientKey, others, now);
  const change = (part: Partial<KeyInput>) => setInput((before) => ({ ...before, ...part }));
  const rules = readKeyRules(input, clientKey, now);
  const save = useMutation({
    mutationFn: () => {
      const name = input.name.trim();
      return clientKey === undefined
        ? client.keys.add({ name, rules })
        : client.keys.change({ id: clientKey.id, name, rules });
    },
    onSuccess: (saved) => {
      onSaved(saved);
      void queryClient.invalidateQueries({ queryKey: queries.keys.list.queryKey() });
    },
  });
  // Once it is saved, the list has a key of this name: this one.
  const shown = tries > 0 && !save.isPending && !save.isSuccess ? faults : [];
  const renames = clientKey !== undefined && input.name.trim() !== clientKey.name;
  return (
    <form
      className={classes.form}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTries((before) => before + 1);
        if (faults.length === 0) save.mutate();
      }}
    >
      <TextInput
        label={t('keys.name')}
        description={t(renames ? 'keys.renameHelp' : 'keys.nameHelp')}
        inputWrapperOrder={ORDER}
        value={input.name}
        maxLength={100}
        placeholder={t('keys.nameExample')}
        error={tellNameFault(shown, t)}
        data-autofocus
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <ModelsField models={input.models} onChange={(models) => change({ models })} />
      <EndField input={input} clientKey={clientKey} now={now} faults={shown} onChange={change} />
      <LimitFields input={input} faults={shown} onChange={change} />
      {save.error !== null && (
        <Message tone="bad" title={t('failure.title')}>
          {describeError(save.error)}
        </Message>
      )}
      <footer className={classes.foot}>
        {faults.length === 0 && (
          <p className={classes.summary} role="status" aria-label={t('keys.summary')}>
            {tellRules(rules, t)}
          </p>
        )}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(clientKey === undefined ? 'keys.make' : 'keys.save')}
          </Button>
        </div>
      </footer>
    </form>
  );
}

function tellNameFault(faults: readonly KeyFault[], t: ReturnType<typeof useTexts>): string | undefined {
  const fault = faults.find(({ at }) => at === 'name');
  if (fault === undefined) return undefined;
  return t(fault.kind === 'taken' ? 'keys.nameTaken' : 'keys.nameMissing');
}

function LimitFields(properties: {
  readonly input: KeyInput;
  readonly faults: readonly KeyFault[];
  readonly onChange: (part: Partial<KeyInput>) => void;
}) {
  const { input, faults, onChange } = properties;
  const t = useTexts();
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{t('keys.limits')}</legend>
      <div className={classes.limits}>
        {LIMITS.map((name) => (
          <NumberInput
            key={name}
            label={t(`keys.limit.${name}`)}
            value={input[name]}
            placeholder={t('keys.noLimit')}
            thousandSeparator=","
            hideControls
            allowNegative={false}
            decimalScale={0}
            error={
              faults.some(({ at }) => at === name) &&
              t('keys.between', { most: formatCount(KeyRules.shape[name].unwrap().maxValue ?? 0) })
            }
            onChange={(value) => onChange({ [name]: value })}
          />
        ))}
      </div>
      <p className={classes.help}>{t('keys.limitsHelp')}</p>
    </fieldset>
  );
}
