// Sign-in dialogues of the fake contract: scripted scenes, each question open until it is answered, and a good or bad end.
import { ORPCError } from '@orpc/client';
import type { SignInAnswer, SignInStart, SignInStep } from '../../shared/sign-in.ts';
import type { AccountView } from '../../shared/views.ts';

/** A scripted scene or end; the fake fills in the ids and the account. */
export type FakeSignInStep =
  | Omit<Extract<SignInStep, { type: 'shown' }>, 'dialogue'>
  | { readonly type: 'done'; readonly text: string }
  | Extract<SignInStep, { type: 'failed' }>;

/** What the dialogues work with. */
export interface FakeSignInParts {
  readonly note: (name: string, input: unknown) => void;
  readonly script: (start: SignInStart) => readonly FakeSignInStep[];
  /** Stores the account that was signed in. */
  readonly store: (start: SignInStart) => AccountView;
}

/** The calls `signIn` and `answer`. */
export function createFakeSignIn({ note, script, store }: FakeSignInParts) {
  const open = new Map<string, () => void>();
  let count = 0;
  return {
    signIn: async function* (start: SignInStart, options?: { signal?: AbortSignal }): AsyncGenerator<SignInStep> {
      note('accounts.signIn', start);
      count += 1;
      const dialogue = `d${count}`;
      const gone = new Promise<void>((resolve) => {
        options?.signal?.addEventListener('abort', () => {
          note('signIn.left', dialogue);
          resolve();
        });
      });
      for (const step of script(start)) {
        if (options?.signal?.aborted) return;
        if (step.type === 'done') yield { ...step, account: store(start) };
        else if (step.type === 'failed') yield step;
        else {
          const { question } = step;
          const answered = new Promise<void>((resolve) => {
            if (question !== undefined) open.set(`${dialogue}/${question.id}`, resolve);
          });
          yield { ...step, dialogue };
          if (question !== undefined || step.page !== undefined) await Promise.race([answered, gone]);
        }
      }
    },
    answer: (answer: SignInAnswer) => {
      note('accounts.answer', answer);
      const resolve = open.get(`${answer.dialogue}/${answer.question}`);
      if (resolve === undefined) throw new ORPCError('NOT_FOUND', { message: 'This question is no longer open.' });
      open.delete(`${answer.dialogue}/${answer.question}`);
      resolve();
      return {};
    },
  };
}

const CODE = { name: 'code', label: 'Code from the page', kind: 'secret' as const, required: true };
const PAGE = {
  type: 'shown' as const,
  title: 'Sign in on Anthropic’s page',
  text: 'Open the page, sign in there and allow Claude Code. The page then shows a code; bring it here.',
  page: {
    url: 'https://claude.com/cai/oauth/authorize?code=true&client_id=9d1c250a-e61b-44d9-88ed-5944d1962f5e&response_type=code&state=KliVahaiyhYEITF',
  },
};

/** What is asked before the page is opened. */
export const WHICH_LOGIN: FakeSignInStep = {
  type: 'shown',
  title: 'What do you want to sign in to?',
  question: {
    id: '1',
    fields: [
      {
        name: 'kind',
        label: 'Sign in with',
        kind: 'choice',
        required: true,
        options: [
          { value: 'claudeai', label: 'Claude plan (Pro, Max, Team, Enterprise)' },
          { value: 'console', label: 'Anthropic Console, billed per token' },
        ],
      },
      {
        name: 'place',
        label: 'The login is for',
        kind: 'choice',
        required: true,
        help: 'Claude Code is logged in already (ada@example.com). A login for this account alone leaves that as it is.',
        options: [
          { value: 'account', label: 'This account alone' },
          { value: 'program', label: 'Claude Code itself, replacing ada@example.com' },
        ],
      },
    ],
  },
};
/** The page, and the question for its code. */
export const CODE_ASKED: FakeSignInStep = { ...PAGE, question: { id: '2', fields: [CODE] } };
/** The same after half a code. */
export const CODE_REFUSED: FakeSignInStep = {
  ...PAGE,
  question: {
    id: '3',
    fields: [CODE],
    problem: "That doesn't look like the full code. Copy all of it, including the # in the middle.",
  },
};
/** The program asks its upstream. */
export const AT_WORK: FakeSignInStep = { type: 'shown', title: 'Claude Code is signing in' };
/** The good end. */
export const SIGNED_IN: FakeSignInStep = { type: 'done', text: 'Signed in as ada@example.com, plan: max.' };
/** A wrong code. */
export const NOT_SIGNED_IN: FakeSignInStep = {
  type: 'failed',
  text: "Couldn't log in: That code wasn't accepted. It may be incomplete, expired, already used, or from an earlier sign-in attempt. Sign in again to get a new code.",
};
/** A device sign-in: a code to compare, and nothing to type here. */
export const DEVICE: FakeSignInStep = {
  type: 'shown',
  title: 'Allow Patchbay in your browser',
  text: 'Open the page and compare the code. Nothing is to be typed here.',
  page: { url: 'https://device.example.com/activate', code: 'QWRT-7L2K' },
};
