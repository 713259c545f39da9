// Logins that other programs have on this machine, offered with tick boxes: what is ticked becomes accounts at once.
import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccountView, FoundLoginView, ProviderView } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { describeError } from '../../lib/describe-error.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import classes from './found-logins.module.css';
import sheet from './sheet.module.css';

/** The findings; nothing at all where there are none. Calls back with what was added. */
export function FoundLogins({
  provider,
  onAdded,
}: {
  readonly provider: ProviderView;
  readonly onAdded: (accounts: readonly AccountView[]) => void;
}) {
  const t = useTexts();
  const { client } = useContract();
  const found = useQuery({
    queryKey: ['found-logins', provider.id],
    queryFn: () => client.accounts.found({ provider: provider.id }),
    // What was signed in to a moment ago in a terminal is there when the sheet is opened again.
    gcTime: 0,
  });
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const logins = found.data ?? [];
  const isTicked = (login: FoundLoginView) => canAdd(login) && turned.has(login.id) === (login.problem !== undefined);
  const ticked = logins.filter(isTicked);
  const add = useMutation({
    mutationFn: async () => {
      const added: AccountView[] = [];
      for (const { draft } of ticked) {
        added.push(await client.accounts.add({ provider: provider.id, ...draft, secrets: {} }));
      }
      return added;
    },
    onSuccess: onAdded,
    // Those before the refused one are accounts now.
    onError: () => found.refetch(),
  });
  if (logins.length === 0) return undefined;
  const turn = (id: string) =>
    setTurned((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));
  return (
    <section className={sheet.survey} aria-label={t('sheet.foundLogins')}>
      <h3 className={sheet.surveyTitle}>{t('sheet.foundLogins')}</h3>
      <ul className={classes.list}>
        {logins.map((login) => (
          <li key={login.id}>
            <Checkbox
              checked={isTicked(login)}
              disabled={!canAdd(login) || add.isPending}
              onChange={() => turn(login.id)}
              label={login.title}
              description={<About login={login} />}
              classNames={{ label: classes.title, description: classes.about, labelWrapper: classes.words }}
            />
          </li>
        ))}
      </ul>
      {add.error !== null && (
        <Message tone="bad" title={t('sheet.notSaved')}>
          {describeError(add.error)}
        </Message>
      )}
      {logins.some(canAdd) && (
        <div className={classes.foot}>
          <span className={classes.hint}>{t('sheet.foundHint')}</span>
          <Button size="xs" disabled={ticked.length === 0} loading={add.isPending} onClick={() => add.mutate()}>
            {t('sheet.addFound', { count: ticked.length })}
          </Button>
        </div>
      )}
    </section>
  );
}

function canAdd({ account }: FoundLoginView): boolean {
  return account === undefined;
}

function About({ login }: { readonly login: FoundLoginView }) {
  const t = useTexts();
  const { facts, place, problem, account } = login;
  return (
    <>
      {facts.length > 0 && <span className={classes.line}>{facts.join(' · ')}</span>}
      {place !== undefined && (
        <span className={classes.place} title={place}>
          {place}
        </span>
      )}
      {problem !== undefined && <span className={classes.problem}>{problem}</span>}
      {account !== undefined && <span className={classes.line}>{t('sheet.alreadyAdded', { name: account })}</span>}
    </>
  );
}
