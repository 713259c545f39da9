// What runs now and what the last 24 hours were like.
import type { TrafficView } from '../../../shared/requests.ts';
import { Panel } from '../../components/panel.tsx';
import { QueryGate } from '../../components/query-gate.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { formatCount, formatDuration, formatShare, formatTokens } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { useStatus, useTraffic } from '../../lib/use-contract.ts';
import classes from './overview.module.css';

/** The figures beside the accounts. */
export function TrafficPanel() {
  const t = useTexts();
  const traffic = useTraffic();
  const running = useStatus().data?.runningStreams ?? 0;
  return (
    <Panel
      title={t('overview.today')}
      aside={<StateMark tone={running > 0 ? 'busy' : 'idle'} word={t('overview.running', { count: running })} />}
    >
      <QueryGate query={traffic} skeletonHeight={140}>
        {(known) => <Figures traffic={known} />}
      </QueryGate>
    </Panel>
  );
}

function Figures({ traffic }: { readonly traffic: TrafficView }) {
  const t = useTexts();
  const figures: readonly (readonly [string, string, boolean])[] = [
    [formatCount(traffic.requests), t('overview.requests'), false],
    [formatShare(traffic.failed, traffic.requests), t('overview.failed'), traffic.failed > 0],
    [traffic.firstTokenMs === undefined ? '–' : formatDuration(traffic.firstTokenMs), t('overview.firstToken'), false],
    [formatTokens(traffic.inputTokens), t('overview.tokensIn'), false],
    [formatTokens(traffic.outputTokens), t('overview.tokensOut'), false],
  ];
  return (
    <div className={classes.traffic}>
      <dl className={classes.figures}>
        {figures.map(([value, label, bad]) => (
          <div key={label} className={classes.figure}>
            <dd className={classes.number} data-bad={bad}>
              {value}
            </dd>
            <dt className="small quiet">{label}</dt>
          </div>
        ))}
      </dl>
      <div className={classes.spark}>
        <Sparkline values={traffic.hourly} label={t('overview.sparkline', { most: Math.max(0, ...traffic.hourly) })} />
        <div className={classes.axis}>
          <span>−24 h</span>
          <span>−12 h</span>
          <span>{t('overview.now')}</span>
        </div>
      </div>
    </div>
  );
}
