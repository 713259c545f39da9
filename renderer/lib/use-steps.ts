// Runs a check, a survey or a try and keeps its steps, the newest state of each.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { TryStep } from '../../shared/views.ts';
import { describeError } from './describe-error.ts';

/** A run of steps, or none yet. */
export interface StepsRun {
  readonly steps: readonly TryStep[];
  readonly running: boolean;
  /** Why the run itself broke off. */
  readonly problem: string | undefined;
}

const NO_RUN: StepsRun = { steps: [], running: false, problem: undefined };

/** Starts runs one at a time: a new start aborts the run before it, and so does leaving the screen. */
export function useSteps(open: (signal: AbortSignal) => Promise<AsyncIterable<TryStep>>) {
  const [run, setRun] = useState<StepsRun>(NO_RUN);
  const aborter = useRef<AbortController>(undefined);
  const opener = useRef(open);
  opener.current = open;
  useEffect(() => () => aborter.current?.abort(), []);

  const start = useCallback(async () => {
    aborter.current?.abort();
    const mine = new AbortController();
    aborter.current = mine;
    setRun({ steps: [], running: true, problem: undefined });
    try {
      for await (const step of await opener.current(mine.signal)) {
        if (mine.signal.aborted) return;
        setRun((before) => ({ ...before, steps: mergeStep(before.steps, step) }));
      }
      if (!mine.signal.aborted) setRun((before) => ({ ...before, running: false }));
    } catch (error) {
      if (!mine.signal.aborted) setRun((before) => ({ ...before, running: false, problem: describeError(error) }));
    }
  }, []);
  const clear = useCallback(() => {
    aborter.current?.abort();
    setRun(NO_RUN);
  }, []);
  return { run, start, clear };
}

function mergeStep(steps: readonly TryStep[], step: TryStep): readonly TryStep[] {
  const index = steps.findIndex((known) => known.id === step.id);
  return index === -1 ? [...steps, step] : steps.with(index, step);
}
