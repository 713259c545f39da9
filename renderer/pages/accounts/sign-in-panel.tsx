// The dialogue of a sign-in: what goes on, the page to open, and what is to be typed here.
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { SignInStart } from '../../../shared/sign-in.ts';
import type { AccountView, ProviderView } from '../../../shared/views.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { FieldInput } from '../../components/field-input.tsx';
import { Icon } from '../../components/icons.tsx';
import { Message } from '../../components/message.tsx';
import { ProviderMark } from '../../components/provider-mark.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { type SignInScene, useSignIn } from '../../lib/use-sign-in.ts';
import { findMissing } from './account-input.ts';
import sheet from './sheet.module.css';
import classes from './sign-in.module.css';

/** Runs a sign-in from its beginning; calls back with the stored account and who is signed in. */
export function SignInPanel(properties: {
  readonly provider: ProviderView | undefined;
  readonly start: SignInStart;
  readonly onDone: (account: AccountView, text: string) => void;
  readonly onLeave: () => void;
}) {
  const { provider, start, onDone, onLeave } = properties;
  const t = useTexts();
  const { run, answer, again } = useSignIn(start, ({ account, text }) => onDone(account, text));
  const { scene, answered, refusal, failure } = run;
  return (
    <section className={classes.panel} aria-label={t('signIn.title')}>
      {provider !== undefined && (
        <header className={sheet.formHead}>
          <ProviderMark id={provider.id} name={provider.name} size={36} />
          <div>
            <p className={sheet.choiceName}>{provider.name}</p>
            <p className={sheet.choiceLine}>{scene?.page === undefined ? provider.spends : t('signIn.intro')}</p>
          </div>
        </header>
      )}
      {failure !== undefined ? (
        <Failure text={failure} onAgain={again} onLeave={onLeave} />
      ) : (
        <>
          <div className={classes.scene} aria-live="polite">
            {scene?.question === undefined && scene?.page === undefined ? (
              <StateMark tone="busy" word={scene?.title ?? t('signIn.starting')} />
            ) : (
              <h3 className={classes.title}>{scene.title}</h3>
            )}
            {scene?.text !== undefined && <p className={classes.text}>{scene.text}</p>}
          </div>
          {scene?.page !== undefined && <Page key={scene.page.url} page={scene.page} />}
          {scene?.page !== undefined && scene.question === undefined && (
            <StateMark tone="busy" word={t('signIn.waiting')} />
          )}
          {scene?.question === undefined ? (
            <div className={sheet.actions}>
              <Button variant="default" onClick={onLeave}>
                {t('app.cancel')}
              </Button>
            </div>
          ) : (
            <Question
              key={`${scene.dialogue}/${scene.question.id}`}
              scene={scene}
              question={scene.question}
              answered={answered}
              refusal={refusal}
              onAnswer={(values) => void answer(scene, values)}
              onLeave={onLeave}
            />
          )}
        </>
      )}
    </section>
  );
}

function Failure(properties: { readonly text: string; readonly onAgain: () => void; readonly onLeave: () => void }) {
  const t = useTexts();
  return (
    <>
      <Message tone="bad" title={t('signIn.failed')}>
        {properties.text}
      </Message>
      <div className={sheet.actions}>
        <Button variant="default" onClick={properties.onLeave}>
          {t('signIn.leave')}
        </Button>
        <Button onClick={properties.onAgain} autoFocus>
          {t('signIn.again')}
        </Button>
      </div>
    </>
  );
}

function Page({ page }: { readonly page: NonNullable<SignInScene['page']> }) {
  const t = useTexts();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => link.current?.focus(), []);
  return (
    <div className={classes.page}>
      {page.code !== undefined && (
        <div className={classes.codeRow}>
          <div>
            <p className={classes.label}>{t('signIn.code')}</p>
            <p className={classes.code}>{page.code}</p>
          </div>
          <CopyButton text={page.code} label={t('signIn.copyCode')} withLabel />
        </div>
      )}
      <div className={classes.open}>
        <Button
          ref={link}
          component="a"
          href={page.url}
          target="_blank"
          rel="noopener noreferrer"
          variant="light"
          leftSection={<Icon name="external" size={14} />}
        >
          {t('signIn.open')}
        </Button>
        <CopyButton text={page.url} label={t('signIn.copyAddress')} withLabel />
      </div>
      <p className={classes.address} title={page.url}>
        {page.url}
      </p>
    </div>
  );
}

function Question(properties: {
  readonly scene: SignInScene;
  readonly question: NonNullable<SignInScene['question']>;
  readonly answered: boolean;
  readonly refusal: string | undefined;
  readonly onAnswer: (values: Record<string, string>) => void;
  readonly onLeave: () => void;
}) {
  const { scene, question, answered, refusal, onAnswer, onLeave } = properties;
  const t = useTexts();
  const [values, setValues] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const isFirstAtPage = scene.page !== undefined && question.problem === undefined;
  useEffect(() => {
    // At first the page is to be opened; whoever comes back with something types it here.
    if (!isFirstAtPage) form.current?.querySelector('input')?.focus();
  }, [isFirstAtPage]);
  const missing = findMissing(question.fields, values);
  const problem = refusal ?? question.problem;
  const only = question.fields.length === 1;
  const submit = () => {
    setTried(true);
    if (missing.size === 0) onAnswer(values);
  };
  return (
    <form
      className={sheet.form}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem !== undefined && !only && (
        <Message tone="bad" title={t('signIn.notTaken')}>
          {problem}
        </Message>
      )}
      {question.fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          stored={undefined}
          forgotten={false}
          fault={tried && missing.has(field.name) ? 'missing' : undefined}
          problem={only ? problem : undefined}
          passing
          onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
          onForget={() => {}}
        />
      ))}
      <div className={sheet.actions}>
        <Button variant="default" onClick={onLeave}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" loading={answered}>
          {t('signIn.go')}
        </Button>
      </div>
    </form>
  );
}
