// The tester: a name as a client would write it, and at once the way that a request for it would take now.
import { Select, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { RouteQuestion, Routing } from '../../../shared/routing.ts';
import { Panel } from '../../components/panel.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { listModelNames } from '../../lib/model-names.ts';
import { useKeys, useModels } from '../../lib/use-contract.ts';
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
        <NameInput className={classes.name} value={name} onChange={setName} />
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
      <Hint name={question.model} onPick={setName} />
      {question.model !== '' && <TesterAnswer question={question} onAddRule={properties.onAddRule} />}
    </Panel>
  );
}

/** Without a list that would cover the answer. */
function NameInput(properties: {
  readonly value: string;
  readonly onChange: (name: string) => void;
  readonly className?: string | undefined;
}) {
  const { value, onChange, className = '' } = properties;
  const t = useTexts();
  return (
    <TextInput
      className={`${className} ${classes.input}`}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      aria-label={t('tester.name')}
      placeholder={t('tester.placeholder')}
      maxLength={300}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

const FITTING = 5;

/** What the tester is for; once there is a part of a name, the names that it may become. */
function Hint({ name, onPick }: { readonly name: string; readonly onPick: (name: string) => void }) {
  const t = useTexts();
  const models = useModels().data?.models;
  const ids = useMemo(() => listModelNames(models ?? []), [models]);
  const part = name.toLowerCase();
  const fitting = name === '' ? [] : ids.filter((id) => id !== name && id.toLowerCase().includes(part));
  if (fitting.length === 0) return <p className={classes.hint}>{t('tester.hint')}</p>;
  return (
    <p className={classes.hint}>
      {t('tester.fitting')}
      {fitting.slice(0, FITTING).map((id) => (
        <button key={id} type="button" onClick={() => onPick(id)}>
          {id}
        </button>
      ))}
      {fitting.length > FITTING && ` ${t('tester.more', { count: fitting.length - FITTING })}`}
    </p>
  );
}

/** The same for rules in the making: `sample` is a name that they are about, `client` the key that they are for. */
export function DraftTester(properties: {
  readonly routing: Routing;
  readonly sample: string;
  readonly client?: string | undefined;
}) {
  const { routing, sample, client } = properties;
  const t = useTexts();
  const [typed, setTyped] = useState<string>();
  const name = typed ?? sample;
  const title = client === undefined ? t('tester.draftTitle') : t('tester.draftTitleOf', { client });
  return (
    <section className={classes.draft} aria-label={title}>
      <h3 className={classes.draftTitle}>{title}</h3>
      <NameInput value={name} onChange={setTyped} />
      {name.trim() !== '' && <TesterAnswer question={{ ...makeQuestion(name, client, []), routing }} narrow />}
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
