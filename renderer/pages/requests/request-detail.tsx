// One request beside the table: what happened in one sentence, then timing, tokens, notes, the error and its next step.
import { ActionIcon, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RequestView, UsageView } from '../../../shared/requests.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { Message } from '../../components/message.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { REQUEST_TONES } from '../../components/state-tones.ts';
import { formatCount, formatDayAndTime, formatDuration } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace } from '../../lib/navigation.ts';
import { useAccounts, useNow } from '../../lib/use-contract.ts';
import classes from './request-detail.module.css';
import { RequestPath } from './request-path.tsx';
import { nextStepOf, tellStory } from './story.ts';

/** The detail; `request` is undefined where the log does not hold it any more. */
export function RequestDetail({
  request,
  onClose,
}: {
  readonly request: RequestView | undefined;
  readonly onClose: () => void;
}) {
  const t = useTexts();
  return (
    <aside className={classes.detail} aria-label={t('detail.label')}>
      <header className={classes.head}>
        {request === undefined ? (
          <span />
        ) : (
          <StateMark tone={REQUEST_TONES[request.state]} word={t(`requests.${request.state}`)} />
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          onClick={onClose}
          aria-label={t('detail.close')}
          title={t('detail.close')}
        >
          <Icon name="close" />
        </ActionIcon>
      </header>
      {request === undefined ? <p className={classes.gone}>{t('detail.gone')}</p> : <Parts request={request} />}
    </aside>
  );
}

function Parts({ request }: { readonly request: RequestView }) {
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  const nameOf = (id: string) => accounts.find((account) => account.id === id)?.name ?? id;
  const accountName = request.account === undefined ? undefined : nameOf(request.account);
  return (
    <div className={classes.parts}>
      <p className={classes.story}>{tellStory(request, nameOf, t)}</p>
      {request.errorText !== undefined && <Trouble request={request} />}
      {request.path.length > 0 && (
        <Part title={t('detail.path')}>
          <RequestPath request={request} />
        </Part>
      )}
      <Part title={t('detail.timing')}>
        <Timing request={request} />
      </Part>
      <Part title={t('detail.usage')}>
        <Usage usage={request.usage} />
      </Part>
      {request.notes.length > 0 && (
        <Part title={t('detail.notes')}>
          <ul className={classes.notes}>
            {request.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t('detail.facts')}>
        <Facts request={request} accountName={accountName} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h3 className={classes.title}>{title}</h3>
      {children}
    </section>
  );
}

function Trouble({ request }: { readonly request: RequestView }) {
  const t = useTexts();
  const step = nextStepOf(request);
  return (
    <Message
      tone={request.state === 'aborted' ? 'idle' : 'bad'}
      title={request.errorText ?? t('detail.error')}
      actions={
        step?.action !== undefined && (
          <Button variant="default" onClick={() => step.action && openPlace(step.action.page, step.action.parameters)}>
            {t(step.action.label)}
          </Button>
        )
      }
    >
      {step !== undefined && t(step.text)}
    </Message>
  );
}

function Timing({ request }: { readonly request: RequestView }) {
  const t = useTexts();
  const now = useNow(request.state === 'running' ? 500 : undefined);
  const whole = Math.max(1, request.durationMs ?? now - request.at);
  const wait = Math.min(whole, request.firstTokenMs ?? whole);
  const streamed = whole - wait;
  const output = request.usage?.outputTokens;
  const rate = output !== undefined && streamed > 50 ? Math.round(output / (streamed / 1000)) : undefined;
  const share = (part: number) => `${Math.max(part > 0 ? 1 : 0, (part / whole) * 100)}%`;
  return (
    <div className={classes.timing} data-failed={request.state === 'failed'}>
      <div className={classes.bar}>
        <span className={classes.wait} style={{ width: share(wait) }} />
        <span className={classes.stream} style={{ width: share(streamed) }} />
      </div>
      <div className={classes.legend}>
        <span className={classes.waitKey}>
          {t(request.firstTokenMs === undefined ? 'detail.waitOnly' : 'detail.wait', {
            duration: formatDuration(wait),
          })}
        </span>
        {request.firstTokenMs !== undefined && (
          <span className={classes.streamKey}>{t('detail.stream', { duration: formatDuration(streamed) })}</span>
        )}
        {rate !== undefined && request.stream && <span>{t('detail.rate', { rate: formatCount(rate) })}</span>}
      </div>
    </div>
  );
}

function Usage({ usage }: { readonly usage: UsageView | undefined }) {
  const t = useTexts();
  const told: readonly (readonly [string, number | undefined])[] = [
    [t('detail.input'), usage?.inputTokens],
    [t('detail.cached'), usage?.cachedInputTokens],
    [t('detail.output'), usage?.outputTokens],
    [t('detail.reasoning'), usage?.reasoningTokens],
  ];
  const counts = told.flatMap(([label, count]) => (count === undefined ? [] : [{ label, count }]));
  if (counts.length === 0) return <p className="quiet">{t('detail.noUsage')}</p>;
  return (
    <>
      <dl className={classes.usage}>
        {counts.map(({ label, count }) => (
          <div key={label}>
            <dt className="small quiet">{label}</dt>
            <dd className={classes.count}>{formatCount(count)}</dd>
          </div>
        ))}
      </dl>
      {usage?.estimated === true && <p className="small quiet">{t('detail.estimated')}</p>}
    </>
  );
}

function Facts({ request, accountName }: { readonly request: RequestView; readonly accountName: string | undefined }) {
  const t = useTexts();
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t('detail.at'), formatDayAndTime(request.at)],
    [t('detail.account'), accountName],
    [t('detail.modelUsed'), request.modelUsed],
    [t('detail.key'), request.key],
    [t('detail.dialect'), request.dialect],
    [t('detail.status'), request.status?.toString()],
    [t('detail.attempts'), request.attempts > 1 ? String(request.attempts) : undefined],
    [t('detail.finish'), request.finishReason],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(
        ([label, value]) =>
          value !== undefined && (
            <div key={label} className={classes.fact}>
              <dt className="quiet">{label}</dt>
              <dd className="mono cut" title={value}>
                {value}
              </dd>
            </div>
          ),
      )}
      <div className={classes.fact}>
        <dt className="quiet">{t('detail.id')}</dt>
        <dd className={classes.id}>
          <span className="mono cut" title={request.id}>
            {request.id}
          </span>
          <CopyButton text={request.id} label={t('detail.copyId')} />
        </dd>
      </div>
    </dl>
  );
}
