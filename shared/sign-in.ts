// What the account sheet sends, and the dialogue in which a person is signed in. Answers go one way only: nothing that was
// typed comes back.
import { z } from 'zod';
import { AccountView, Field } from './views.ts';

/** An account as the form describes it. */
export const AccountDraft = z.object({
  provider: z.string().min(1),
  method: z.string().min(1),
  name: z.string().trim().min(1, 'Give the account a name.').max(80),
  values: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), z.string()),
  models: z.array(z.string().min(1)).optional(),
});
export type AccountDraft = z.infer<typeof AccountDraft>;

/** Who is to be signed in: an account that is there, or one that is added when it has worked. */
export const SignInStart = z.union([z.object({ account: z.string().min(1) }), z.object({ draft: AccountDraft })]);
export type SignInStart = z.infer<typeof SignInStart>;

/** One state of a sign-in; each replaces the one before it, and the last is `done` or `failed`. */
export const SignInStep = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('shown'),
    /** Names the dialogue in an answer. */
    dialogue: z.string(),
    /** What goes on, or what is to be done now. */
    title: z.string(),
    text: z.string().optional(),
    /** A page (always `https:`) to open in the person's own browser; `code` is to be compared or typed there. */
    page: z.object({ url: z.string(), code: z.string().optional() }).optional(),
    /** What is wanted of the person; without it there is nothing to do here but wait. */
    question: z
      .object({
        id: z.string(),
        fields: z.array(Field),
        /** What was wrong with the last answer. */
        problem: z.string().optional(),
      })
      .optional(),
  }),
  /** `text` says who is signed in. The account is stored. */
  z.object({ type: z.literal('done'), text: z.string(), account: AccountView }),
  /** `text` is the upstream's own words where it has said any, and what to do next. */
  z.object({ type: z.literal('failed'), text: z.string() }),
]);
export type SignInStep = z.infer<typeof SignInStep>;

/** The answer to a question of a running dialogue, by field name. */
export const SignInAnswer = z.object({
  dialogue: z.string(),
  question: z.string(),
  values: z.record(z.string(), z.string().max(10_000)),
});
export type SignInAnswer = z.infer<typeof SignInAnswer>;
