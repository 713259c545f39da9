// The sheet that takes rules from a text or a file: checks it, shows what would change, then saves all of it.
import { Button, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import type { Routing } from '../../../shared/routing.ts';
import { Message } from '../../components/message.tsx';
import { SideSheet } from '../../components/side-sheet.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { compareRules, readRulesFile } from '../../lib/rules-file.ts';
import { useRouting } from '../../lib/use-routing.ts';
import classes from './rules.module.css';
import { DraftTester } from './tester.tsx';

/** The sheet. */
export function ImportSheet({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const t = useTexts();
  return (
    <SideSheet opened={opened} onClose={onClose} title={t('rules.importTitle')}>
      {opened && <Import onClose={onClose} />}
    </SideSheet>
  );
}

function Import({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts();
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const read = text.trim() === '' ? undefined : readRulesFile(text, t);
  return (
    <div className={classes.form}>
      <p className="quiet">{t('rules.importText')}</p>
      <Textarea
        className={classes.text}
        label={t('rules.importField')}
        placeholder={'{ "routing": { "aliases": { "gpt-4o": "kimi-k3" } } }'}
        autosize
        minRows={6}
        maxRows={14}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      <div>
        <input
          ref={file}
          type="file"
          accept=".json,application/json"
          hidden
          aria-label={t('list.file')}
          onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setText)}
        />
        <Button variant="default" onClick={() => file.current?.click()}>
          {t('list.file')}
        </Button>
      </div>
      {read !== undefined && 'faults' in read && (
        <Message tone="bad" title={t('rules.importFaults', { count: read.faults.length })}>
          <ul className={classes.faults}>
            {read.faults.map(({ path, text: words }) => (
              <li key={`${path} ${words}`}>
                {path !== '' && <code>{path}</code>}
                {words}
              </li>
            ))}
          </ul>
        </Message>
      )}
      {read !== undefined && 'routing' in read && <Preview routing={read.routing} onClose={onClose} />}
    </div>
  );
}

function Preview({ routing, onClose }: { readonly routing: Routing; readonly onClose: () => void }) {
  const t = useTexts();
  const access = useRouting();
  const { added, removed } = compareRules(access.routing, routing, t);
  const lines = [
    ...removed.map((text) => ({ side: 'removed' as const, text })),
    ...added.map((text) => ({ side: 'added' as const, text })),
  ];
  return (
    <section aria-label={t('rules.importChanges')}>
      <h3 className={classes.fieldName}>{t('rules.importChanges')}</h3>
      {lines.length === 0 && <p className="quiet">{t('rules.importSame')}</p>}
      <ul className={classes.difference}>
        {lines.map(({ side, text }) => (
          <li key={`${side} ${text}`} data-side={side}>
            <span className={classes.sign}>{t(`rules.${side}Line`)}</span>
            <span>{text}</span>
          </li>
        ))}
      </ul>
      {access.isFixed && <Message tone="warning" title={t('rules.fixed')} />}
      {access.problem !== undefined && (
        <Message tone="bad" title={t('sheet.notSaved')}>
          {access.problem}
        </Message>
      )}
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button disabled={lines.length === 0} loading={access.isSaving} onClick={() => access.save(routing, onClose)}>
          {t('rules.importSave')}
        </Button>
      </div>
      {lines.length > 0 && <DraftTester routing={routing} sample="" />}
    </section>
  );
}
