// The way of one request, drawn: which rules led on, who was passed over, who was asked and what came of it.
import type { RequestView } from '../../../shared/requests.ts';
import type { PathStep } from '../../../shared/routing.ts';
import { PathDrawing, type PathStop } from '../../components/path-drawing.tsx';
import type { Tone } from '../../components/state-mark.tsx';
import { formatDuration } from '../../lib/format.ts';
import { useTexts } from '../../lib/i18n.ts';
import { writePlace } from '../../lib/navigation.ts';
import { useAccounts } from '../../lib/use-contract.ts';
import classes from './request-detail.module.css';

type Texts = ReturnType<typeof useTexts>;

const TONES: Record<NonNullable<PathStep['outcome']>, Tone> = { ok: 'good', failed: 'bad', aborted: 'idle' };

/** The drawing, from the name to the last attempt. */
export function RequestPath({ request }: { readonly request: RequestView }) {
  const t = useTexts();
  const accounts = useAccounts().data ?? [];
  const nameOf = (id: string | undefined) => accounts.find((account) => account.id === id)?.name ?? id;
  const start: PathStop = { key: 'name', role: t('tester.asked'), lit: true, title: <code>{request.modelAsked}</code> };
  const stops = request.path.map((step, index) =>
    step.kind === 'attempt'
      ? drawAttempt(step, index, request, nameOf(step.account) ?? '', t)
      : {
          key: `${index}`,
          role: t(step.kind === 'skipped' ? 'path.skipped' : 'path.rule'),
          lit: step.kind === 'rule',
          off: step.kind === 'skipped',
          title: step.text,
        },
  );
  return <PathDrawing label={t('detail.path')} stops={[start, ...stops]} />;
}

function drawAttempt(step: PathStep, index: number, request: RequestView, name: string, t: Texts): PathStop {
  const { outcome, ms, model, account, text } = step;
  // The sentence begins with the account's name, which leads to it.
  const isTold = name !== '' && text.startsWith(`${name} `);
  const link = (
    <a className={classes.asked} href={writePlace('accounts', { open: account ?? '' })}>
      {name}
    </a>
  );
  return {
    key: `${index}`,
    role: t('path.attempt'),
    lit: outcome === 'ok',
    tone: outcome === undefined ? 'busy' : TONES[outcome],
    title: isTold ? (
      <>
        {link}
        {text.slice(name.length)}
      </>
    ) : (
      link
    ),
    aside: (
      <>
        {model !== undefined && model !== request.modelAsked && <code>{model}</code>}
        {!isTold && <span>{t(`path.outcome.${outcome ?? 'running'}`)}</span>}
        {ms !== undefined && <span>{formatDuration(ms)}</span>}
      </>
    ),
    ...(isTold ? {} : { text }),
  };
}
