// Overview: will my next request work, and if not, what do I do? Door, accounts, traffic and the latest requests.

import type { Notice } from '../../../shared/views.ts';
import { Message } from '../../components/message.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import type { Tone } from '../../components/state-mark.tsx';
import { useStatus } from '../../lib/use-contract.ts';
import { AccountsPanel } from './accounts-panel.tsx';
import { DoorPanel } from './door-panel.tsx';
import { FirstRun } from './first-run.tsx';
import { LatestPanel } from './latest-panel.tsx';
import classes from './overview.module.css';
import { TrafficPanel } from './traffic-panel.tsx';

const NOTICE_TONES: Record<Notice['level'], Tone> = { info: 'idle', warning: 'warning', error: 'bad' };

/** The page that answers first. */
export function OverviewPage() {
  const status = useStatus();
  return (
    <div className={classes.page}>
      <QueryGate query={status} skeletonHeight={124}>
        {(known) => (
          <>
            {known.notices.map((notice) => (
              <Message key={notice.id} tone={NOTICE_TONES[notice.level]} title={notice.title}>
                {notice.text}
              </Message>
            ))}
            <DoorPanel status={known} />
            <FirstRun status={known} />
          </>
        )}
      </QueryGate>
      <div className={classes.pair}>
        <AccountsPanel />
        <TrafficPanel />
      </div>
      <LatestPanel />
    </div>
  );
}
