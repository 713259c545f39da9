// Connect: for each client what to do and what to paste, with the live base URL and a chosen model already in it.
import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import type { ClientKeyView, ModelView, StatusView } from '../../../shared/views.ts';
import { CopyButton, KEY_PLACEHOLDER } from '../../components/copy-button.tsx';
import { Empty, Message } from '../../components/message.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { listModelNames, readModelName } from '../../lib/model-names.ts';
import { openPlace, type Place, replacePlace } from '../../lib/navigation.ts';
import { useAccounts, useKeys, useMainKey, useModels, useSettings, useStatus } from '../../lib/use-contract.ts';
import { ClientList } from './client-list.tsx';
import { guidesFor } from './clients.ts';
import classes from './connect.module.css';
import type { ClientGuide, Snippet, SnippetValues } from './guide.ts';
import { KeyChoice } from './key-choice.tsx';

/** The page; `parameters.client` names the client whose guide is open. */
export function ConnectPage({ parameters }: { readonly parameters: Place['parameters'] }) {
  const status = useStatus();
  return (
    <QueryGate query={status} skeletonHeight={420}>
      {(known) => <Guides status={known} wanted={parameters.client} />}
    </QueryGate>
  );
}

function Guides({ status, wanted }: { readonly status: StatusView; readonly wanted: string | undefined }) {
  const t = useTexts();
  const keys = useKeys().data ?? [];
  const main = useMainKey();
  const [keyId, setKeyId] = useState<string>();
  const key = keys.find(({ id }) => id === keyId) ?? main;
  const models = useModels().data?.models ?? [];
  const own = new Set(
    useAccounts().data?.flatMap(({ id, source, state }) => (source !== 'built-in' && state === 'ready' ? [id] : [])),
  );
  const requireKey = useSettings().data?.ollamaRequireKey ?? true;
  const [chosen, setChosen] = useState<string>();
  const guides = guidesFor(status.dialects.flatMap(({ routes }) => routes));
  const open = guides.find(({ id }) => id === wanted) ?? guides[0];
  if (open === undefined) return <Empty title={t('connect.nothing')} />;
  const second = status.ollamaDoor?.state === 'serving' ? status.ollamaDoor : undefined;
  const { baseUrl, port } = second ?? status.door;
  const local = { origin: baseUrl, port, needsKey: second === undefined || requireKey };
  const names = listModelNames(models);
  const first = models.find(({ account }) => own.has(account)) ?? models[0];
  const model = chosen ?? (first && readModelName(first));
  return (
    <div className={classes.page}>
      {status.door.state !== 'serving' && <Message tone="warning" title={t('connect.doorClosed')} />}
      <div className={classes.top}>
        <p className="quiet">{t('connect.intro')}</p>
        <div className={classes.choices} data-several={keys.length > 1}>
          <Select
            className={classes.model}
            aria-label={t('connect.model')}
            leftSection={<span className={classes.modelLabel}>{t('connect.model')}</span>}
            leftSectionWidth={60}
            data={names}
            value={model ?? null}
            onChange={(name) => setChosen(name ?? undefined)}
            placeholder={t('connect.noModels')}
            searchable
            allowDeselect={false}
          />
          {keys.length > 1 && <KeyChoice keys={keys} chosen={key?.id} onChoose={setKeyId} />}
        </div>
      </div>
      <div className={classes.split}>
        <ClientList guides={guides} open={open} onOpen={({ id }) => replacePlace('connect', { client: id })} />
        <Guide
          guide={open}
          origin={status.door.baseUrl}
          local={local}
          model={model ?? 'MODEL'}
          view={models.find((one) => one.id === model || one.names?.includes(model ?? ''))}
          clientKey={key}
        />
      </div>
    </div>
  );
}

function Guide(properties: {
  readonly guide: ClientGuide;
  readonly origin: string;
  readonly local: SnippetValues['local'];
  readonly model: string;
  readonly view: ModelView | undefined;
  readonly clientKey: ClientKeyView | undefined;
}) {
  const { guide, ...values } = properties;
  const t = useTexts();
  const steps = t(`connect.guides.${guide.id}`).split('\n');
  const known = { ...knowValues(values), key: '' };
  const wanted = guide.snippets.filter(({ isWanted }) => isWanted?.(known) ?? true);
  const fields = wanted.filter(({ kind }) => kind === 'value');
  const texts = wanted.filter(({ kind }) => kind === 'code');
  const fieldList = fields.length > 0 && (
    <dl className={classes.values}>
      {fields.map((snippet) => (
        <Value key={snippet.label} snippet={snippet} {...values} />
      ))}
    </dl>
  );
  return (
    <article className={classes.guide} aria-label={guide.name}>
      <h2 className={classes.name}>{guide.name}</h2>
      {guide.bringsNoKey && values.local.needsKey && <NoKeyNote />}
      <ol className={classes.steps} data-single={steps.length === 1}>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {wanted[0]?.kind === 'value' && fieldList}
      {texts.map((snippet) => (
        <Code key={snippet.label} snippet={snippet} {...values} />
      ))}
      {wanted[0]?.kind === 'code' && fieldList}
      {wanted.some((snippet) => snippet.write({ ...known, key: KEY_PLACEHOLDER }).includes(KEY_PLACEHOLDER)) && (
        <p className="small faint">{t('connect.keyHidden')}</p>
      )}
    </article>
  );
}

function NoKeyNote() {
  const t = useTexts();
  return (
    <Message
      tone="warning"
      title={t('connect.noKeyTitle')}
      actions={
        <Button variant="default" onClick={() => openPlace('settings')}>
          {t('connect.openSettings')}
        </Button>
      }
    >
      {t('connect.noKeyText')}
    </Message>
  );
}

interface SnippetProperties {
  readonly snippet: Snippet;
  readonly origin: string;
  readonly local: SnippetValues['local'];
  readonly model: string;
  readonly view: ModelView | undefined;
  readonly clientKey: ClientKeyView | undefined;
}

type KnownValues = Omit<SnippetProperties, 'snippet' | 'clientKey'>;

function knowValues({ origin, local, model, view }: KnownValues): Omit<SnippetValues, 'key'> {
  return {
    origin,
    local,
    model,
    contextTokens: view?.contextTokens ?? 128_000,
    outputTokens: view?.maxOutputTokens ?? 16_000,
    images: view?.images ?? false,
  };
}

function writeBoth({ snippet, clientKey, ...values }: SnippetProperties) {
  const known = knowValues(values);
  return {
    shown: snippet.write({ ...known, key: `••••${clientKey?.lastFour ?? ''}` }),
    copied: snippet.write({ ...known, key: KEY_PLACEHOLDER }),
  };
}

function Value(properties: SnippetProperties) {
  const t = useTexts();
  const { snippet, clientKey } = properties;
  const { shown, copied } = writeBoth(properties);
  return (
    <div className={classes.value}>
      <dt className="quiet">{snippet.label}</dt>
      <dd className={classes.valueText}>
        <span className="mono cut" title={shown}>
          {shown}
        </span>
        <CopyButton
          text={copied}
          keyId={keyFor(copied, clientKey)}
          label={t('connect.copyValue', { label: snippet.label })}
          disabled={lacksKey(copied, clientKey)}
        />
      </dd>
    </div>
  );
}

function Code(properties: SnippetProperties) {
  const t = useTexts();
  const { snippet, clientKey } = properties;
  const { shown, copied } = writeBoth(properties);
  return (
    <figure className={classes.code}>
      <figcaption className={classes.caption}>
        <span className="mono">{snippet.label}</span>
        <CopyButton
          key={copied}
          text={copied}
          keyId={keyFor(copied, clientKey)}
          label={t('copy.snippet')}
          withLabel
          disabled={lacksKey(copied, clientKey)}
        />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keys */}
      <pre className={classes.pre} tabIndex={0}>
        <code>{shown}</code>
      </pre>
    </figure>
  );
}

function keyFor(text: string, clientKey: ClientKeyView | undefined): string | undefined {
  return text.includes(KEY_PLACEHOLDER) ? clientKey?.id : undefined;
}

function lacksKey(text: string, clientKey: ClientKeyView | undefined): boolean {
  return text.includes(KEY_PLACEHOLDER) && clientKey === undefined;
}
