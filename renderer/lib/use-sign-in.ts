// Runs a sign-in dialogue and keeps its newest state. Leaving the screen ends the dialogue.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SignInStart, SignInStep } from '../../shared/sign-in.ts';
import { describeError } from './describe-error.ts';
import { translate } from './i18n.ts';
import { useContract } from './use-contract.ts';

/** What is shown while a sign-in goes on. */
export type SignInScene = Extract<SignInStep, { type: 'shown' }>;

/** A sign-in as it stands. */
export interface SignInRun {
  readonly scene: SignInScene | undefined;
  /** An answer is on its way, or was taken and nothing new is shown yet. */
  readonly answered: boolean;
  /** Why the last answer was not taken. */
  readonly refusal: string | undefined;
  /** Why it is over without success. */
  readonly failure: string | undefined;
}

const BEGIN: SignInRun = { scene: undefined, answered: false, refusal: undefined, failure: undefined };

/** Begins at once; `onDone` is called with the good end. */
export function useSignIn(start: SignInStart, onDone: (end: Extract<SignInStep, { type: 'done' }>) => void) {
  const { client } = useContract();
  const [run, setRun] = useState<SignInRun>(BEGIN);
  const [round, setRound] = useState(0);
  const beginning = useRef({ start, onDone });
  beginning.current = { start, onDone };

  // biome-ignore lint/correctness/useExhaustiveDependencies: each round is a dialogue of its own
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const change = (part: Partial<SignInRun>) => {
      if (!signal.aborted) setRun((before) => ({ ...before, ...part }));
    };
    const listen = async () => {
      try {
        for await (const step of await client.accounts.signIn(beginning.current.start, { signal })) {
          if (signal.aborted) return;
          if (step.type === 'done') return beginning.current.onDone(step);
          if (step.type === 'failed') return change({ failure: step.text });
          change({ scene: step, answered: false, refusal: undefined });
        }
        change({ failure: translate('signIn.cut') });
      } catch (error) {
        change({ failure: describeError(error) });
      }
    };
    void listen();
    return () => leaving.abort();
  }, [client, round]);

  const answer = useCallback(
    async (scene: SignInScene, values: Record<string, string>) => {
      const { dialogue, question } = scene;
      if (question === undefined) return;
      setRun((before) => ({ ...before, answered: true, refusal: undefined }));
      try {
        await client.accounts.answer({ dialogue, question: question.id, values });
      } catch (error) {
        setRun((before) => ({ ...before, answered: false, refusal: describeError(error) }));
      }
    },
    [client],
  );
  const again = useCallback(() => {
    setRun(BEGIN);
    setRound((before) => before + 1);
  }, []);
  return { run, answer, again };
}
