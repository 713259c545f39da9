// The tester: a name as a client would write it, and at once the way that a request for it would take now.
import { Select } from '@mantine/core';
import { useState } from 'react';
import type { RouteQuestion, Routing } from '../../../shared/routing.ts';
import { ModelInput } from '../../components/model-input.tsx';
import { Panel } from '../../components/panel.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useKeys } from '../../lib/use-contract.ts';
import classes from './tester.module.css';
import { TesterAnswer } from './tester-answer.tsx';

const NEEDS = ['tools', 'images'] as const;

/** The panel; `name` is what it begins with. */
export function Tester(properties: { readonly name: string; readonly onAddRule: (name: string) => void }) {
  const t = useTexts();
  const [name, setName] = useState(properties.name);
  const [key, setKey] = useState<string>();
  const [needs, setNeeds] = useState<readonly string[]>([]);
  const keys = useKeys().data ?? [];
  const question = makeQuestion(name, key, needs);
  const turn = (need: string) =>
    setNeeds((before) => (before.includes(need) ? before.filter((one) => one !== need) : [...before, need]));
  return (
    <Panel label={t('tester.title')}>
      <div className={classes.asking}>
        <ModelInput
          className={classes.name}
          value={name}
          onChange={setName}
          hiddenLabel={t('tester.name')}
          placeholder={t('tester.placeholder')}
        />
        <Select
          className={classes.key}
          data={keys.map((one) => one.name)}
          value={key ?? null}
          onChange={(value) => setKey(value ?? undefined)}
          placeholder={t('tester.anyKey')}
          aria-label={t('tester.key')}
          clearable
        />
        <fieldset className={classes.needs} aria-label={t('tester.needs')}>
          {NEEDS.map((need) => (
            <button
              key={need}
              type="button"
              className={classes.need}
              aria-pressed={needs.includes(need)}
              onClick={() => turn(need)}
            >
              {t(`tester.${need}`)}
            </button>
          ))}
        </fieldset>
      </div>
      {question.model === '' ? (
        <p className={classes.hint}>{t('tester.hint')}</p>
      ) : (
        <TesterAnswer question={question} onAddRule={properties.onAddRule} />
      )}
    </Panel>
  );
}

/** The same for rules in the making: `sample` is a name that they are about. */
export function DraftTester({ routing, sample }: { readonly routing: Routing; readonly sample: string }) {
  const t = useTexts();
  const [typed, setTyped] = useState<string>();
  const name = typed ?? sample;
  return (
    <section className={classes.draft} aria-label={t('tester.draftTitle')}>
      <h3 className={classes.draftTitle}>{t('tester.draftTitle')}</h3>
      <ModelInput
        value={name}
        onChange={setTyped}
        hiddenLabel={t('tester.name')}
        placeholder={t('tester.placeholder')}
      />
      {name.trim() !== '' && <TesterAnswer question={{ model: name.trim(), routing }} narrow />}
    </section>
  );
}

function makeQuestion(name: string, key: string | undefined, needs: readonly string[]): RouteQuestion {
  return {
    model: name.trim(),
    ...(key === undefined ? {} : { key }),
    ...(needs.length === 0 ? {} : { needs: Object.fromEntries(needs.map((need) => [need, true])) }),
  };
}
