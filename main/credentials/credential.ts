// What an account is and what it carries to its provider. Types only.

/** One account of the person's, without its secrets. */
export interface Account {
  /** Short name, unique among all accounts; stands before the slash in `ACCOUNT/model`. */
  readonly id: string;
  /** Id of the provider that serves it. */
  readonly provider: string;
  /** Name for people. */
  readonly name: string;
  /** Which of the provider's sign-in methods was used. */
  readonly method: string;
  /** The public fields of that method, by field name (`baseUrl`, `cliPath`, ...); an empty field is absent. */
  readonly values: Readonly<Record<string, string>>;
  /** Extra environment for providers that run a program. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that replace the provider's own, by the provider's name for them. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Models to serve besides those that the upstream lists. */
  readonly models: readonly string[];
  /** Where it was set up; those of the file are changed there only, built-in ones are always there. */
  readonly source: 'settings' | 'file' | 'built-in';
}

/** An account with its secrets, as a provider gets it for one call. Never stored, logged or sent to the GUI. */
export interface Credential {
  readonly account: Account;
  /** The secret fields of the account's sign-in method, by field name (`key`, ...). */
  readonly secrets: Readonly<Record<string, string>>;
  /**
   * The proxy for everything that is asked with this account, password and all: its own, else the one of the settings. Absent
   * where there is none.
   */
  readonly proxy?: string;
}
