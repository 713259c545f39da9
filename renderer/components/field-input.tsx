// One input of a form that a provider describes. Stored secrets are never shown; they are kept, replaced or forgotten.
import { Anchor, PasswordInput, Select, TextInput } from '@mantine/core';
import type { Field } from '../../shared/views.ts';
import { useTexts } from '../lib/i18n.ts';
import classes from './field-input.module.css';

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

/** The input that fits the field's kind. `stored` is the last four characters of a stored secret, `''` where unknown. */
export function FieldInput(properties: {
  readonly field: Field;
  readonly value: string;
  readonly stored: string | undefined;
  readonly forgotten: boolean;
  readonly fault: 'missing' | 'not-url' | 'not-proxy' | undefined;
  /** What was wrong with the value, in words from elsewhere. */
  readonly problem?: string | undefined;
  /** The value is used once and kept nowhere. */
  readonly passing?: boolean;
  readonly onChange: (value: string) => void;
  readonly onForget: (forget: boolean) => void;
}) {
  const { field, value, stored, forgotten, fault, problem, passing = false, onChange, onForget } = properties;
  const t = useTexts();
  const error =
    fault === undefined
      ? problem
      : fault === 'missing'
        ? t('sheet.missing', { label: field.label })
        : t(fault === 'not-url' ? 'sheet.notUrl' : 'settings.notProxy');
  const common = {
    label: (
      <>
        {field.label}
        {!field.required && field.kind !== 'choice' && <span className={classes.optional}>{t('sheet.optional')}</span>}
      </>
    ),
    description: field.help,
    inputWrapperOrder: ORDER,
    placeholder: field.placeholder,
    error,
    'aria-invalid': error !== undefined,
    'aria-required': field.required,
  };
  if (field.kind === 'choice')
    return (
      <Select
        {...common}
        allowDeselect={false}
        data={field.options ?? []}
        value={value === '' ? (field.options?.[0]?.value ?? null) : value}
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    );
  if (field.kind !== 'secret')
    return (
      <TextInput
        {...common}
        value={value}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: classes.mono }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <PasswordInput
      {...common}
      value={value}
      autoComplete={passing ? 'off' : 'new-password'}
      description={
        passing ? (
          field.help
        ) : (
          <SecretHelp
            help={field.help}
            stored={stored}
            forgotten={forgotten}
            removable={!field.required}
            onForget={onForget}
          />
        )
      }
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function SecretHelp(properties: {
  readonly help: string | undefined;
  readonly stored: string | undefined;
  readonly forgotten: boolean;
  readonly removable: boolean;
  readonly onForget: (forget: boolean) => void;
}) {
  const { help, stored, forgotten, removable, onForget } = properties;
  const t = useTexts();
  if (stored === undefined) return help === undefined ? t('sheet.secretHelp') : `${help} ${t('sheet.secretHelp')}`;
  return (
    <>
      {forgotten
        ? t('sheet.willForget')
        : stored === ''
          ? t('sheet.storedSecretLong')
          : t('sheet.storedSecret', { lastFour: stored })}{' '}
      {removable && (
        <Anchor component="button" type="button" size="xs" onClick={() => onForget(!forgotten)}>
          {forgotten ? t('sheet.keepSecret') : t('sheet.forgetSecret')}
        </Anchor>
      )}
    </>
  );
}
