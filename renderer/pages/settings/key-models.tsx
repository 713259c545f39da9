// The models that a client key may use, as names and patterns, with what is served now as suggestions.
import { TagsInput } from '@mantine/core';
import { createNameMatcher } from '../../../shared/wildcard.ts';
import { useTexts } from '../../lib/i18n.ts';
import { listModelNames } from '../../lib/model-names.ts';
import { useModels } from '../../lib/use-contract.ts';
import classes from './keys.module.css';

/** The field; below it how many of the models that are served now it takes in. */
export function ModelsField(properties: {
  readonly models: readonly string[];
  readonly onChange: (models: string[]) => void;
}) {
  const { models, onChange } = properties;
  const t = useTexts();
  const names = listModelNames(useModels().data?.models ?? []);
  const fitting = names.filter(createNameMatcher(models));
  const misses = models.length > 0 && fitting.length === 0 && names.length > 0;
  return (
    <div>
      <TagsInput
        label={t('keys.models')}
        description={t('keys.modelsHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={models.length === 0 ? t('keys.everyModel') : ''}
        data={[...findFamilies(names), ...names]}
        value={[...models]}
        onChange={(value) => onChange([...new Set(value.map((one) => one.trim()).filter((one) => one !== ''))])}
        splitChars={[',', ' ']}
        maxTags={200}
        maxLength={300}
        acceptValueOnBlur
        comboboxProps={{ shadow: 'md', transitionProps: { duration: 120 } }}
        maxDropdownHeight={240}
        classNames={{ pill: classes.mono, option: classes.mono, inputField: classes.mono }}
      />
      {models.length > 0 && names.length > 0 && (
        <p className={misses ? classes.misses : classes.fits} title={fitting.join(', ')}>
          {misses
            ? t('keys.fitsNone')
            : t('keys.fits', { count: fitting.length, all: names.length, first: listFirst(fitting) })}
        </p>
      )}
    </div>
  );
}

const MOST_SHOWN = 3;

function listFirst(names: readonly string[]): string {
  return names.slice(0, MOST_SHOWN).join(', ') + (names.length > MOST_SHOWN ? ', …' : '');
}

/** `kimi-*` where several names begin with `kimi-`. */
function findFamilies(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const [family] = /^[^-/:.\d]+[-/]/.exec(name) ?? [];
    if (family !== undefined) counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([family]) => `${family}*`);
}
