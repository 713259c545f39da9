// Many accounts at once, as the account sheet and the engine tell each other of them. Secrets go one way only.
import { z } from 'zod';

/** A text with one account to a line. */
export const AccountList = z.object({ provider: z.string().min(1), text: z.string().max(1_000_000) });

/** The lines of it that are to become accounts. */
export const ChosenLines = AccountList.extend({ lines: z.array(z.int().positive()).max(1000) });

/** Where accounts are to be written. */
export const ListPlace = z.object({
  provider: z.string().min(1),
  folder: z.string().min(1).max(4096),
  secrets: z.boolean(),
});

/** One line of a text with many accounts, without what is secret in it. */
export const ListedAccountView = z.object({
  /** Counted from 1. */
  line: z.number(),
  title: z.string(),
  fact: z.string().optional(),
  /** What is wrong with it. */
  problem: z.string().optional(),
  /** An account can be made of it. */
  usable: z.boolean(),
  /** The name of the account that it is already. */
  account: z.string().optional(),
});
export type ListedAccountView = z.infer<typeof ListedAccountView>;
