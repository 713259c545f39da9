// How accounts come about and end: logins, the dialogue that signs a person in, and texts with many accounts. Types only.
import type { Field } from '../../shared/views.ts';
import type { Account, Credential } from '../credentials/credential.ts';
import type { CallContext } from './context.ts';

/** How many accounts are written down in one text, one to a line. Pure: reads and writes no file. */
export interface AccountLists {
  /** What a line holds, in one or two sentences. */
  readonly help: string;
  readonly placeholder: string;
  /** Keys of the configuration file that name such a file in place of the fields of one account. */
  readonly files: readonly string[];
  /** Every line that is neither empty nor a comment. Never throws. */
  read(text: string): readonly ListedAccount[];
  /** The accounts as files of that form; without secrets they only tell which accounts there are. */
  write(
    accounts: readonly Credential[],
    withSecrets: boolean,
  ): readonly { readonly name: string; readonly text: string }[];
}

/** One line of such a text. No secret may be in it but in the draft's `secrets`. */
export interface ListedAccount {
  /** Counted from 1. */
  readonly line: number;
  readonly title: string;
  /** How long it holds and the like. */
  readonly fact?: string;
  /** What is wrong with it. With a draft it can be added all the same. */
  readonly problem?: string;
  /** The account that it makes; absent where it makes none. */
  readonly draft?: {
    readonly method: string;
    readonly name: string;
    readonly values: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, string>>;
  };
}

/** What a provider can do with the logins of its accounts. */
export interface AccountLogin {
  /** Whose login the account uses: its own, or one that other programs of the person use as well; undefined without one. */
  owner(account: Account): 'own' | 'shared' | undefined;
  /** Signs the account out; resolves to one sentence about it. Throws `GatewayError`. */
  signOut(context: CallContext): Promise<string>;
  /**
   * The account is gone or has become another: ends a login of its own, as far as it can be ended, unless one of the accounts
   * that are `left` uses it. Never throws, never touches a shared one.
   */
  forget(credential: Credential, left: readonly Account[]): Promise<void>;
}

/** How the logins of accounts are kept alive. Requests may renew by themselves as well; both join the same renewal. */
export interface AccountRenewal {
  /** Whether accounts of that kind have a login that can be renewed. Opens nothing, not even the vault. */
  covers(account: Account): boolean;
  /**
   * When the account's login ends and when it should be renewed, by the wall clock in milliseconds since 1970; without `dueAt`
   * it is renewed on wish only. `login` is the same for accounts that share one. Undefined where nothing can be renewed. Calls
   * no upstream. Throws `GatewayError`.
   */
  find(
    credential: Credential,
  ): Promise<{ readonly login: string; readonly endsAt?: number; readonly dueAt?: number } | undefined>;
  /**
   * Renews now, whatever is due; what the upstream rotated is stored before it is used. Throws `GatewayError` with the
   * upstream's words where nothing came of it, though the old login may still live.
   */
  renew(context: CallContext): Promise<void>;
}

/** How a provider signs a person in and out. Offered for the sign-in methods that say `dialogue`. */
export interface ProviderLogin extends AccountLogin {
  /**
   * Signs the account in, or the one that a form in the making would become. Throws `GatewayError` with the upstream's words;
   * ends whatever it has started when the signal aborts.
   */
  signIn(context: SignInContext): Promise<SignedIn>;
}

/** What a provider may use to sign a person in. */
export interface SignInContext extends CallContext {
  readonly dialogue: SignInDialogue;
}

/** What is shown while a person signs in. */
export interface SignInScene {
  readonly title: string;
  readonly text?: string;
  /** A page, always `https:`, to open in the person's own browser; `code` is to be compared or typed there. */
  readonly page?: { readonly url: string; readonly code?: string };
}

/** The conversation with the person. */
export interface SignInDialogue {
  /** Shows what goes on, in place of what was shown before; takes an open question back. */
  show(scene: SignInScene): void;
  /** Asks, with `problem` as what was wrong with the last answer. Rejects when the dialogue ends; optional fields may be absent. */
  ask(scene: SignInScene, fields: readonly Field[], problem?: string): Promise<Readonly<Record<string, string>>>;
}

/** How a sign-in went well. */
export interface SignedIn {
  /** Who is signed in, in one sentence. */
  readonly text: string;
  /** To be stored with the account: public fields of its method. */
  readonly values?: Readonly<Record<string, string>>;
  /** To be stored in the vault with the account. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Undoes the sign-in where the account could not be stored. Never throws. */
  discard?(): Promise<void>;
}
