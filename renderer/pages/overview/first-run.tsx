// The first minutes: three steps, each turning green by proof and never by having been clicked. Gone once all are proved.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AccountView, StatusView } from '../../../shared/views.ts';
import { CopyButton, KEY_PLACEHOLDER } from '../../components/copy-button.tsx';
import { Panel } from '../../components/panel.tsx';
import { StateShape, type Tone } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace } from '../../lib/navigation.ts';
import { useAccounts, useLatestRequests, useMainKey, useModels } from '../../lib/use-contract.ts';
import classes from './overview.module.css';

/** The three steps, until each is proved. */
export function FirstRun({ status }: { readonly status: StatusView }) {
  const t = useTexts();
  const accounts = useAccounts().data;
  const latest = useLatestRequests().data;
  if (accounts === undefined || latest === undefined) return undefined;
  const open = status.door.state === 'serving';
  const own = accounts.filter((account) => account.source !== 'built-in');
  const answered = latest.requests.find((request) => request.state === 'ok');
  const ready =
    own.find((account) => account.state === 'ready') ?? accounts.find((account) => account.id === answered?.account);
  // Who has sent more requests than are looked at here is past the first run, even if the newest ones failed.
  if (latest.total > latest.requests.length || (answered !== undefined && own.length > 0)) return undefined;
  return (
    <Panel title={t('overview.firstRun')}>
      <ol className={classes.steps}>
        <Step tone={open ? 'good' : 'idle'} title={t('overview.stepDoor')}>
          {open ? t('overview.stepDoorDone', { url: status.door.baseUrl }) : t('overview.stepDoorOpen')}
        </Step>
        <AccountStep ready={ready} own={own} />
        <Step tone={answered === undefined ? 'idle' : 'good'} title={t('overview.stepRequest')}>
          {answered === undefined
            ? t('overview.stepRequestOpen')
            : t('overview.stepRequestDone', { client: answered.client })}
          {answered === undefined && <FirstRequest baseUrl={status.door.baseUrl} />}
        </Step>
      </ol>
    </Panel>
  );
}

function AccountStep({
  ready,
  own,
}: {
  readonly ready: AccountView | undefined;
  readonly own: readonly AccountView[];
}) {
  const t = useTexts();
  const [first] = own;
  if (ready !== undefined)
    return (
      <Step tone="good" title={t('overview.stepAccount')}>
        {t('overview.stepAccountDone', { name: ready.name })}
      </Step>
    );
  return (
    <Step tone={first === undefined ? 'idle' : 'warning'} title={t('overview.stepAccount')}>
      {first === undefined ? t('overview.stepAccountOpen') : t('overview.stepAccountFailing', { name: first.name })}
      <div className={classes.stepAction}>
        <Button
          variant="default"
          onClick={() => openPlace('accounts', first === undefined ? { add: '' } : { open: first.id })}
        >
          {first === undefined ? t('overview.addAccount') : t('overview.seeAccounts')}
        </Button>
      </div>
    </Step>
  );
}

function Step(properties: { readonly tone: Tone; readonly title: string; readonly children: ReactNode }) {
  return (
    <li className={classes.step}>
      <span className={classes.stepShape}>
        <StateShape tone={properties.tone} />
      </span>
      <div className={classes.stepWords}>
        <p className={classes.stepTitle}>{properties.title}</p>
        <div className={classes.stepText}>{properties.children}</div>
      </div>
    </li>
  );
}

function FirstRequest({ baseUrl }: { readonly baseUrl: string }) {
  const t = useTexts();
  const key = useMainKey();
  const model = useModels().data?.models[0]?.id;
  if (key === undefined || model === undefined) return undefined;
  const body = `{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}`;
  const command = [
    `curl ${baseUrl}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join('\n');
  return (
    <div className={classes.stepAction}>
      <CopyButton text={command} keyId={key.id} label={t('overview.copyCurl')} withLabel />
    </div>
  );
}
