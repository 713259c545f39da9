// The newest requests as they come in; a press opens one on the Requests page.
import { Button } from '@mantine/core';
import type { RequestView } from '../../../shared/requests.ts';
import { Empty } from '../../components/message.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { REQUEST_TONES } from '../../components/state-tones.ts';
import { formatCount, formatDuration, formatTime } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { openPlace, writePlace } from '../../lib/navigation.ts';
import { useLatestRequests } from '../../lib/use-contract.ts';
import classes from './overview.module.css';

/** The list at the foot of the Overview. */
export function LatestPanel() {
  const t = useTexts();
  const latest = useLatestRequests();
  return (
    <Panel
      title={t('overview.latest')}
      flush
      aside={
        <a className="small" href={writePlace('requests')}>
          {t('overview.allRequests')}
        </a>
      }
    >
      <QueryGate query={latest} skeletonHeight={220}>
        {(known) =>
          known.requests.length === 0 ? (
            <Empty
              title={t('overview.noRequests')}
              actions={
                <Button variant="default" onClick={() => openPlace('connect')}>
                  {t('overview.connectClient')}
                </Button>
              }
            >
              {t('overview.noRequestsText')}
            </Empty>
          ) : (
            <ul className={classes.latest}>
              {known.requests.map((request) => (
                <LatestRow key={request.id} request={request} />
              ))}
            </ul>
          )
        }
      </QueryGate>
    </Panel>
  );
}

function LatestRow({ request }: { readonly request: RequestView }) {
  const t = useTexts();
  const tokens = request.usage?.outputTokens;
  return (
    <li>
      <a className={classes.request} href={writePlace('requests', { open: request.id })}>
        <span className="mono faint">{formatTime(request.at)}</span>
        <span className="cut" title={request.client}>
          {request.client}
        </span>
        <span className="mono cut" title={request.modelAsked}>
          {request.modelAsked}
        </span>
        <StateMark
          calm
          tone={REQUEST_TONES[request.state]}
          word={t(`requests.${request.state}`)}
          {...(request.errorText === undefined ? {} : { title: request.errorText })}
        />
        <span className={`mono quiet ${classes.right}`}>
          {request.durationMs === undefined ? '' : formatDuration(request.durationMs)}
        </span>
        <span className={`mono quiet ${classes.right}`}>
          {tokens === undefined ? '' : t('overview.tokens', { tokens: formatCount(tokens) })}
        </span>
      </a>
    </li>
  );
}
