// The sheet that tries an account for real: says what it costs, lets a model be chosen, and shows both sides of each request.
// Closing it ends whatever still runs.
import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import type { AccountView } from '../../../shared/views.ts';
import { CheckSteps } from '../../components/check-steps.tsx';
import { Message } from '../../components/message.tsx';
import { SideSheet } from '../../components/side-sheet.tsx';
import { readAgentName } from '../../lib/agent-name.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useContract, useModels, useProviders } from '../../lib/use-contract.ts';
import { type StepsRun, useSteps } from '../../lib/use-steps.ts';
import classes from './sheet.module.css';

/** The sheet; open while there is an account. */
export function TrySheet(properties: { readonly account: AccountView | undefined; readonly onClose: () => void }) {
  const { account, onClose } = properties;
  const t = useTexts();
  return (
    <SideSheet opened={account !== undefined} onClose={onClose} title={t('trial.title', { name: account?.name ?? '' })}>
      {account !== undefined && <Trial key={account.id} account={account} />}
    </SideSheet>
  );
}

function Trial({ account }: { readonly account: AccountView }) {
  const t = useTexts();
  const { client } = useContract();
  const spends = useProviders().data?.find(({ id }) => id === account.provider)?.spends;
  const [model, setModel] = useState<string>();
  const models = useAccountModels(account.id);
  const { run, start, clear } = useSteps((signal) => client.accounts.try({ id: account.id, model }, { signal }));
  const outcome = outcomeOf(run);
  const hasRun = run.steps.length > 0 || run.problem !== undefined;
  return (
    <div className={classes.saved}>
      <div>
        <p>{t('trial.intro')}</p>
        <p className={classes.question}>
          {account.source === 'built-in' ? t('trial.free') : `${t('trial.cost')} ${spends ?? ''}`}
        </p>
        <Select
          label={t('trial.model')}
          placeholder={models?.length === 0 ? t('trial.noModels') : t('trial.first')}
          data={models ?? []}
          value={model ?? null}
          onChange={(value) => setModel(value ?? undefined)}
          searchable
          clearable
          disabled={run.running}
          nothingFoundMessage={t('trial.noModels')}
        />
      </div>
      <div className={classes.actions}>
        {run.running ? (
          <Button variant="default" onClick={clear}>
            {t('trial.stop')}
          </Button>
        ) : (
          <Button onClick={() => void start()} data-autofocus>
            {t(hasRun ? 'trial.again' : 'trial.start')}
          </Button>
        )}
      </div>
      {hasRun && <CheckSteps steps={run.steps} />}
      {run.problem !== undefined && (
        <Message tone="bad" title={t('sheet.checkBroken')}>
          {run.problem}
        </Message>
      )}
      {outcome === 'failed' && <Message tone="bad" title={t('trial.bad')} />}
      {outcome === 'warning' && <Message tone="warning" title={t('trial.warning')} />}
      {outcome === 'unproved' && <Message tone="idle" title={t('trial.unproved')} />}
      {outcome === 'ok' && <Message tone="good" title={t('trial.good')} />}
    </div>
  );
}

/** The upstream's own names of what the account offers, without agents; undefined until they are known. */
function useAccountModels(account: string): string[] | undefined {
  const own = useModels().data?.models.filter((model) => model.account === account);
  const prefix = `${account}/`;
  const names = own?.map(({ id }) => (id.startsWith(prefix) ? id.slice(prefix.length) : id));
  return names && [...new Set(names)].filter((name) => readAgentName(name) === undefined);
}

function outcomeOf({ steps, running, problem }: StepsRun): 'ok' | 'unproved' | 'warning' | 'failed' | undefined {
  if (running || steps.length === 0 || problem !== undefined) return undefined;
  const has = (state: string) => steps.some((step) => step.state === state);
  if (has('failed')) return 'failed';
  if (has('warning') || has('running')) return 'warning';
  return has('unproved') ? 'unproved' : 'ok';
}
