// The running dialogues between providers and the person: what is shown goes out as steps, answers come in by the id of
// their question. Bounded in number and time, and over as soon as nobody listens. Knows neither accounts nor providers.
import { randomUUID } from 'node:crypto';
import type { SignInAnswer, SignInStep } from '../../shared/sign-in.ts';
import type { Field } from '../../shared/views.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import { findFault } from '../credentials/account-fields.ts';
import type { SignInDialogue, SignInScene } from '../providers/login.ts';

/** What a dialogue is about; resolves to its last step. */
export type Talk = (dialogue: SignInDialogue, signal: AbortSignal) => Promise<SignInStep>;

/** All running dialogues. */
export interface Dialogues {
  /** Runs `talk` while somebody listens; the last step is `done` or `failed`. */
  open(talk: Talk, gone: AbortSignal): AsyncGenerator<SignInStep>;
  /** Answers an open question. Throws `GatewayError` for one that is not open and for values that its fields do not take. */
  answer(answer: SignInAnswer): void;
}

/** What dialogues are made with. */
export interface DialogueOptions {
  /** Removes known secrets from a text. */
  readonly redact: (text: string) => string;
  readonly most?: number;
  readonly lifetimeMs?: number;
}

const MOST = 4;
/** As long as the codes of most services hold. */
const LIFETIME_MS = 15 * 60_000;
const TOO_MANY = 'Too many sign-ins are open. Close one of them, then try again.';
const TOO_LATE = 'The sign-in was not finished in time. Start it again.';
/** Shorter answers are too common as words to be taken out of texts. */
const LEAST_TO_HIDE = 4;

interface Question {
  readonly id: string;
  readonly fields: readonly Field[];
  readonly resolve: (values: Record<string, string>) => void;
  readonly reject: (reason: unknown) => void;
}

interface Running {
  question: Question | undefined;
  /** What was typed into secret fields. */
  readonly secrets: Set<string>;
}

/** No dialogue yet. */
export function createDialogues({ redact, most = MOST, lifetimeMs = LIFETIME_MS }: DialogueOptions): Dialogues {
  const running = new Map<string, Running>();

  return {
    open: async function* (talk, gone) {
      if (running.size >= most) {
        yield { type: 'failed', text: TOO_MANY };
        return;
      }
      const id = randomUUID();
      const own: Running = { question: undefined, secrets: new Set() };
      running.set(id, own);
      const ending = new AbortController();
      const steps = createSteps();
      const hide = (text: string) => {
        let hidden = redact(text);
        for (const secret of own.secrets) hidden = hidden.replaceAll(secret, '••••');
        return hidden;
      };
      const end = (last?: SignInStep) => {
        const reason = new GatewayError('aborted', 'The sign-in was ended.');
        steps.end(last);
        ending.abort(reason);
        own.question?.reject(reason);
        own.question = undefined;
      };
      const leave = () => end();
      gone.addEventListener('abort', leave, { once: true });
      const timer = setTimeout(() => end({ type: 'failed', text: TOO_LATE }), lifetimeMs);
      const dialogue = createDialogue({ id, own, hide, tell: steps.tell, signal: ending.signal });
      // A talk that takes its time to clean up keeps its place until it has.
      void Promise.resolve()
        .then(() => talk(dialogue, ending.signal))
        .then(end, (error) => end({ type: 'failed', text: hide(readError(error).message) }))
        .finally(() => running.delete(id));
      if (gone.aborted) leave();
      try {
        yield* steps.read();
      } finally {
        clearTimeout(timer);
        gone.removeEventListener('abort', leave);
        leave();
      }
    },
    answer: ({ dialogue, question, values }) => {
      const own = running.get(dialogue);
      if (own?.question?.id !== question) {
        throw new GatewayError('not-found', 'This question is no longer open. Start the sign-in again.');
      }
      const { fields, resolve } = own.question;
      const answer = readAnswer(fields, values);
      for (const { name, kind } of fields) {
        const text = answer[name];
        if (kind === 'secret' && text !== undefined && text.length >= LEAST_TO_HIDE) own.secrets.add(text);
      }
      own.question = undefined;
      resolve(answer);
    },
  };
}

function createDialogue(parts: {
  readonly id: string;
  readonly own: Running;
  readonly hide: (text: string) => string;
  readonly tell: (step: SignInStep) => void;
  readonly signal: AbortSignal;
}): SignInDialogue {
  const { id, own, hide, tell, signal } = parts;
  let count = 0;
  const show = ({ title, text, page }: SignInScene, question?: { id: string; fields: Field[]; problem?: string }) => {
    if (page !== undefined && !isPage(page.url)) {
      throw new GatewayError('upstream', 'The page to sign in at has no https address, so it is not opened.');
    }
    const scene = { title: hide(title), text: text === undefined ? undefined : hide(text), page };
    tell({ type: 'shown', dialogue: id, ...scene, question });
  };
  return {
    show: (scene) => {
      own.question = undefined;
      show(scene);
    },
    ask: (scene, fields, problem) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        count += 1;
        const question = { id: String(count), fields, resolve, reject };
        show(scene, {
          id: question.id,
          fields: [...fields],
          problem: problem === undefined ? undefined : hide(problem),
        });
        own.question = question;
      }),
  };
}

/** Steps in the order of telling; after the end nothing more is told. */
function createSteps() {
  const waiting: SignInStep[] = [];
  let ended = false;
  let wake = () => {};
  return {
    tell: (step: SignInStep) => {
      if (!ended) waiting.push(step);
      wake();
    },
    end: (last: SignInStep | undefined) => {
      if (!ended && last !== undefined) waiting.push(last);
      ended = true;
      wake();
    },
    read: async function* () {
      for (;;) {
        yield* waiting.splice(0);
        if (waiting.length > 0) continue;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The answer as its fields take it: without spaces around, without empty values, choices by their first option. */
function readAnswer(fields: readonly Field[], values: Readonly<Record<string, string>>): Record<string, string> {
  const answer: Record<string, string> = {};
  for (const field of fields) {
    const text = values[field.name]?.trim() || (field.kind === 'choice' ? field.options?.[0]?.value : undefined);
    const fault = text === undefined || text === '' ? undefined : findFault(field, text);
    if (fault !== undefined) throw new GatewayError('invalid-request', `${field.label} ${fault}.`);
    if (text) answer[field.name] = text;
    else if (field.required) throw new GatewayError('invalid-request', `${field.label} is needed.`);
  }
  return answer;
}

/** What the person's browser may be sent to: the web, and no name or password in the address. */
function isPage(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === 'https:' && username === '' && password === '';
}
