// The form of one provider: way of signing in, presets, and only the fields that this way needs.
import { Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { AccountDraft } from '../../../shared/sign-in.ts';
import type { AccountView, Field, ProviderView, SignInMethod } from '../../../shared/views.ts';
import { FieldInput } from '../../components/field-input.tsx';
import { Message } from '../../components/message.tsx';
import { ProviderMark } from '../../components/provider-mark.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import { type AccountInput, findFaults, openInput, readDraft } from './account-input.ts';
import { AccountList } from './account-list.tsx';
import { AdvancedFields } from './advanced-fields.tsx';
import { FoundLogins } from './found-logins.tsx';
import classes from './sheet.module.css';
import { Survey } from './survey.tsx';

/** The form; `account` is given when one is edited. Calls back with the account once it is saved. */
export function AccountForm(properties: {
  readonly provider: ProviderView;
  readonly account: AccountView | undefined;
  readonly onSaved: (account: AccountView) => void;
  readonly onSignIn: (draft: AccountDraft) => void;
  /** Called with accounts that were made of what was found. */
  readonly onAdded: (accounts: readonly AccountView[]) => void;
}) {
  const { provider, account, onSaved, onSignIn, onAdded } = properties;
  const t = useTexts();
  const { client } = useContract();
  const [input, setInput] = useState<AccountInput>(() => openInput(provider, account));
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector('input')?.focus();
  }, []);
  const method = provider.signIn.find(({ id }) => id === input.method) ?? provider.signIn[0];
  const fields = [...(method?.fields ?? []), ...provider.fields];
  const stored = new Map(account?.secrets.map((secret) => [secret.name, secret.lastFour]) ?? []);
  const faults = findFaults(fields, input, stored);
  const save = useMutation({
    mutationFn: () => {
      const draft = readDraft(provider, fields, input);
      if (account === undefined) return client.accounts.add(draft);
      const { provider: _, ...change } = draft;
      return client.accounts.change({ id: account.id, ...change });
    },
    onSuccess: onSaved,
  });
  const change = (part: Partial<AccountInput>) => setInput((before) => ({ ...before, ...part }));
  const whenSound = (go: () => void) => {
    setTried(true);
    if (faults.size === 0 && input.name.trim() !== '') go();
  };
  const showField = (field: Field) => (
    <FieldInput
      key={field.name}
      field={field}
      value={(field.kind === 'secret' ? input.secrets : input.values)[field.name] ?? ''}
      stored={stored.has(field.name) ? (stored.get(field.name) ?? '') : undefined}
      forgotten={input.forgotten.includes(field.name)}
      fault={tried ? faults.get(field.name) : undefined}
      onChange={(value) =>
        field.kind === 'secret'
          ? change({ secrets: { ...input.secrets, [field.name]: value } })
          : change({ values: { ...input.values, [field.name]: value } })
      }
      onForget={(forget) =>
        change({
          forgotten: forget ? [...input.forgotten, field.name] : input.forgotten.filter((name) => name !== field.name),
        })
      }
    />
  );
  const talks = account === undefined && method?.dialogue === true;

  return (
    <form
      className={classes.form}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        whenSound(save.mutate);
      }}
    >
      <header className={classes.formHead}>
        <ProviderMark id={provider.id} name={provider.name} size={36} />
        <div>
          <p className={classes.choiceName}>{provider.name}</p>
          <p className={classes.choiceLine}>
            {provider.standing} {provider.spends}
          </p>
        </div>
      </header>
      {account === undefined && <FoundLogins provider={provider} onAdded={onAdded} />}
      {account === undefined && <AccountList provider={provider} onAdded={onAdded} />}
      <Survey provider={provider.id} values={input.values} />
      {method !== undefined && <MethodChoice provider={provider} method={method} input={input} onChange={change} />}
      {talks && (
        <div className={classes.offer}>
          <p>{t('signIn.offer')}</p>
          <Button variant="light" onClick={() => whenSound(() => onSignIn(readDraft(provider, fields, input)))}>
            {t('signIn.button')}
          </Button>
        </div>
      )}
      {fields.filter(({ advanced }) => !advanced).map(showField)}
      <TextInput
        label={t('sheet.name')}
        description={t('sheet.nameHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={input.name}
        maxLength={80}
        error={tried && input.name.trim() === '' ? t('sheet.missing', { label: t('sheet.name') }) : undefined}
        onChange={(event) => change({ name: event.currentTarget.value, named: true })}
      />
      <Textarea
        label={
          <>
            {t('sheet.models')} <span className="faint small">{t('sheet.optional')}</span>
          </>
        }
        description={t('sheet.modelsHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autosize
        minRows={1}
        maxRows={6}
        value={input.models}
        onChange={(event) => change({ models: event.currentTarget.value })}
      />
      <AdvancedFields
        fields={fields}
        inUse={({ name }) => (input.values[name] ?? '') !== '' || (tried && faults.has(name))}
        show={showField}
      />
      {save.error !== null && (
        <Message tone="bad" title={t('sheet.notSaved')}>
          {describeError(save.error)}
        </Message>
      )}
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending}>
          {t('sheet.save')}
        </Button>
      </div>
    </form>
  );
}

const OWN_SERVICE = 'own-service';

function MethodChoice(properties: {
  readonly provider: ProviderView;
  readonly method: SignInMethod;
  readonly input: AccountInput;
  readonly onChange: (part: Partial<AccountInput>) => void;
}) {
  const { provider, method, input, onChange } = properties;
  const t = useTexts();
  const presets = method.presets ?? [];
  const preset = presets.find(({ id }) => id === input.preset);
  return (
    <>
      {provider.signIn.length > 1 && (
        <SegmentedControl
          fullWidth
          aria-label={t('sheet.method')}
          data={provider.signIn.map(({ id, label }) => ({ value: id, label }))}
          value={method.id}
          onChange={(id) => onChange({ method: id, preset: undefined })}
        />
      )}
      {method.help !== undefined && <p className={classes.choiceLine}>{method.help}</p>}
      {presets.length > 0 && (
        <Select
          label={t('sheet.preset')}
          description={preset?.help}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          allowDeselect={false}
          data={[
            ...presets.map(({ id, label }) => ({ value: id, label })),
            { value: OWN_SERVICE, label: t('sheet.ownService') },
          ]}
          value={input.preset ?? OWN_SERVICE}
          onChange={(id) => {
            const chosen = presets.find((one) => one.id === id);
            onChange({
              preset: chosen?.id,
              ...(chosen === undefined ? {} : { values: { ...input.values, ...chosen.values } }),
              ...(input.named ? {} : { name: chosen?.label ?? provider.name }),
            });
          }}
        />
      )}
    </>
  );
}
