// A person in a sign-in, for providers: answers the questions in order and keeps what was shown.
import type { SignInDialogue, SignInScene } from '../../main/providers/login.ts';
import type { Field } from '../../shared/views.ts';

/** One thing that the person saw. */
export interface Seen extends SignInScene {
  readonly fields?: readonly Field[];
  readonly problem?: string;
}

/** A person; after the last answer, questions stay open. */
export interface FakePerson {
  readonly dialogue: SignInDialogue;
  readonly seen: Seen[];
  /** Resolves when a question stays open. */
  readonly silent: Promise<void>;
}

/** A person with these answers, for as long as the signal holds. */
export function createPerson(answers: readonly Record<string, string>[], signal: AbortSignal): FakePerson {
  const seen: Seen[] = [];
  const left = [...answers];
  let fallSilent = () => {};
  const silent = new Promise<void>((resolve) => {
    fallSilent = resolve;
  });
  return {
    seen,
    silent,
    dialogue: {
      show: (scene) => void seen.push(scene),
      ask: (scene, fields, problem) =>
        new Promise((resolve, reject) => {
          seen.push({ ...scene, fields, ...(problem === undefined ? {} : { problem }) });
          const answer = left.shift();
          if (answer !== undefined) return resolve(answer);
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          fallSilent();
        }),
    },
  };
}
