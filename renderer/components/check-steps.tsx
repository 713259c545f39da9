// The steps of a check, a survey or a try as they happen, each with what was found and what mends it.
import { Anchor } from '@mantine/core';
import type { CheckStep, TryStep } from '../../shared/views.ts';
import { useTexts } from '../lib/i18n.ts';
import classes from './check-steps.module.css';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icons.tsx';
import { StateShape, type Tone } from './state-mark.tsx';

const TONES: Record<CheckStep['state'], Tone> = {
  running: 'busy',
  ok: 'good',
  unproved: 'idle',
  warning: 'warning',
  failed: 'bad',
};

/** The steps in the order in which they came; grows downwards while a check runs. */
export function CheckSteps({ steps }: { readonly steps: readonly TryStep[] }) {
  const t = useTexts();
  return (
    <ol className={classes.steps} aria-label={t('steps.list')} aria-live="polite">
      {steps.map((step) => (
        <li key={step.id} className={classes.step}>
          <span
            className={classes.shape}
            role="img"
            aria-label={t(`steps.${step.state}`)}
            title={t(`steps.${step.state}`)}
          >
            <StateShape tone={TONES[step.state]} />
          </span>
          <div className={classes.words}>
            <p className={classes.label}>{step.label}</p>
            {step.detail !== undefined && <p className={classes.detail}>{step.detail}</p>}
            {step.command !== undefined && <Command command={step.command} />}
            {step.sent !== undefined && <Said label={t('trial.sent')} text={step.sent} />}
            {step.received !== undefined && <Said label={t('trial.received')} text={step.received} isOpen />}
            {step.link !== undefined && (
              <Anchor href={step.link} target="_blank" rel="noreferrer" size="sm" className={classes.link}>
                {t('app.openLink')} <Icon name="external" size={13} />
              </Anchor>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Command({ command }: { readonly command: string }) {
  const t = useTexts();
  return (
    <div className={classes.command}>
      <code>{command}</code>
      <CopyButton text={command} label={t('copy.command')} />
    </div>
  );
}

/** What went over the wire, to be unfolded. */
function Said({ label, text, isOpen }: { readonly label: string; readonly text: string; readonly isOpen?: boolean }) {
  if (text === '') return undefined;
  return (
    <details className={classes.said} open={isOpen}>
      <summary>{label}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
    </details>
  );
}
