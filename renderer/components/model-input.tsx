// A field for the name of a model, with the names that can be asked for as suggestions. Any other name may be typed.
import { Autocomplete } from '@mantine/core';
import { type KeyboardEvent, useMemo } from 'react';
import { listModelNames } from '../lib/model-names.ts';
import { useModels } from '../lib/use-contract.ts';
import classes from './model-input.module.css';

/** As many as a list can be looked through. */
const SHOWN = 50;

/** The field. */
export function ModelInput(properties: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label?: string;
  readonly hiddenLabel?: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly className?: string | undefined;
  readonly autoFocus?: boolean;
  /** Called before the list of suggestions sees the key. */
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}) {
  const { value, onChange, label, hiddenLabel, description, placeholder, error, className, autoFocus } = properties;
  const models = useModels().data?.models;
  const data = useMemo(() => listModelNames(models ?? []), [models]);
  return (
    <Autocomplete
      className={className ?? ''}
      classNames={{ input: classes.input, option: classes.option }}
      label={label}
      aria-label={hiddenLabel}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={placeholder}
      error={error}
      data={data}
      limit={SHOWN}
      openOnFocus={false}
      value={value}
      onChange={onChange}
      maxLength={300}
      spellCheck={false}
      autoComplete="off"
      {...(properties.onKeyDown === undefined ? {} : { onKeyDownCapture: properties.onKeyDown })}
      {...(autoFocus === true ? { 'data-autofocus': true } : {})}
    />
  );
}
