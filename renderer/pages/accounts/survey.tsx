// What is found on this machine for a provider before anything is typed: a program, a login, and how to get either.
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect } from 'react';
import { CheckSteps } from '../../components/check-steps.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { useTexts } from '../../lib/i18n.ts';
import { useContract } from '../../lib/use-contract.ts';
import { useSteps } from '../../lib/use-steps.ts';
import classes from './sheet.module.css';

/** The findings; nothing at all for providers that look for nothing here. Looks again when `values` change. */
export function Survey({
  provider,
  values,
}: {
  readonly provider: string;
  readonly values: Readonly<Record<string, string>>;
}) {
  const t = useTexts();
  const { client } = useContract();
  const { run, start } = useSteps((signal) => client.accounts.survey({ provider, values: { ...values } }, { signal }));
  const [settled] = useDebouncedValue(JSON.stringify(values), 500);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other values are another place to look
  useEffect(() => {
    void start();
  }, [start, settled]);
  if (run.steps.length === 0) return undefined;
  return (
    <section className={classes.survey} aria-label={t('sheet.found')}>
      <div className={classes.surveyHead}>
        <h3 className={classes.surveyTitle}>{t('sheet.found')}</h3>
        {run.running && <StateMark tone="busy" word={t('sheet.looking')} />}
      </div>
      <CheckSteps steps={run.steps} />
    </section>
  );
}
