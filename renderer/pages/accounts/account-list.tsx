// Many accounts at once: a text with one to a line is pasted or read from a file, and what is ticked becomes accounts. The way
// back writes the accounts into files; secrets go along only where the person asks for them.

import { Button, Checkbox, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ListedAccountView } from '../../../shared/account-lists.ts';
import type { AccountView, ProviderView } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import found from './found-logins.module.css';
import sheet from './sheet.module.css';
import { WriteList } from './write-list.tsx';

/** The section; nothing at all where the provider takes no lists. Calls back with what was added. */
export function AccountList({
  provider,
  onAdded,
}: {
  readonly provider: ProviderView;
  readonly onAdded: (accounts: readonly AccountView[]) => void;
}) {
  const t = useTexts();
  const [opened, setOpened] = useState(false);
  if (provider.list === undefined) return undefined;
  return (
    <section aria-label={t('list.title')}>
      <Button variant="subtle" size="compact-sm" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        {t('list.title')}
      </Button>
      {opened && (
        <div className={sheet.survey}>
          <ReadList provider={provider} form={provider.list} onAdded={onAdded} />
          <WriteList provider={provider} />
        </div>
      )}
    </section>
  );
}

function ReadList(properties: {
  readonly provider: ProviderView;
  readonly form: NonNullable<ProviderView['list']>;
  readonly onAdded: (accounts: readonly AccountView[]) => void;
}) {
  const { provider, form, onAdded } = properties;
  const t = useTexts();
  const { client } = useContract();
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  const read = useMutation({
    mutationFn: (said: string) => client.accounts.readList({ provider: provider.id, text: said }),
  });
  const listed = read.data ?? [];
  const isTicked = (one: ListedAccountView) => canAdd(one) && turned.has(one.line) === (one.problem !== undefined);
  const lines = listed.filter(isTicked).map(({ line }) => line);
  const add = useMutation({
    mutationFn: () => client.accounts.addList({ provider: provider.id, text, lines }),
    onSuccess: ({ added, failures }) => {
      if (failures.length === 0) onAdded(added);
      else read.mutate(text);
    },
  });
  const change = (said: string) => {
    setText(said);
    setTurned(new Set());
    read.reset();
    add.reset();
  };
  const failures = add.data?.failures ?? [];
  return (
    <>
      <Textarea
        label={t('list.text')}
        description={form.help}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={form.placeholder}
        autosize
        minRows={3}
        maxRows={8}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <div className={found.foot}>
        <input
          ref={file}
          type="file"
          accept=".txt,.json,.jsonl,text/plain"
          hidden
          aria-label={t('list.file')}
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            void chosen?.text().then((said) => {
              change(said);
              read.mutate(said);
            });
          }}
        />
        <Button size="xs" variant="default" onClick={() => file.current?.click()}>
          {t('list.file')}
        </Button>
        <Button size="xs" disabled={text.trim() === ''} loading={read.isPending} onClick={() => read.mutate(text)}>
          {t('list.read')}
        </Button>
      </div>
      {read.data?.length === 0 && <p className={found.hint}>{t('list.empty')}</p>}
      <ul className={found.list}>
        {listed.map((one) => (
          <li key={one.line}>
            <Checkbox
              checked={isTicked(one)}
              disabled={!canAdd(one) || add.isPending}
              onChange={() => setTurned((before) => turn(before, one.line))}
              label={t('list.line', { line: one.line, title: one.title })}
              description={<About listed={one} />}
              classNames={{ label: found.title, description: found.about, labelWrapper: found.words }}
            />
          </li>
        ))}
      </ul>
      {[read.error, add.error].map(
        (error) =>
          error !== null && (
            <Message key={error.message} tone="bad" title={t('sheet.notSaved')}>
              {describeError(error)}
            </Message>
          ),
      )}
      {failures.map(({ line, text: why }) => (
        <Message key={line} tone="bad" title={t('list.failed', { line })}>
          {why}
        </Message>
      ))}
      {listed.some(canAdd) && (
        <Button size="xs" disabled={lines.length === 0} loading={add.isPending} onClick={() => add.mutate()}>
          {t('sheet.addFound', { count: lines.length })}
        </Button>
      )}
    </>
  );
}

function turn(before: ReadonlySet<number>, line: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(line)) after.add(line);
  return after;
}

function canAdd({ usable, account }: ListedAccountView): boolean {
  return usable && account === undefined;
}

function About({ listed }: { readonly listed: ListedAccountView }) {
  const t = useTexts();
  const { fact, problem, account } = listed;
  return (
    <>
      {fact !== undefined && <span className={found.line}>{fact}</span>}
      {problem !== undefined && <span className={found.problem}>{problem}</span>}
      {account !== undefined && <span className={found.line}>{t('sheet.alreadyAdded', { name: account })}</span>}
    </>
  );
}
