// Every call the GUI can make and the one stream it listens to: the only list there is. The same contract runs over
// Electron's MessagePort and over HTTP; each input is checked against its schema before a handler sees it.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { AccountList, ChosenLines, ListedAccountView, ListPlace } from './account-lists.ts';
import { AgentAnswer, AgentQuestion, ProjectDraft, ProjectView, SessionQuery, SessionView } from './projects.ts';
import { RequestQuery, RequestView, TrafficView } from './requests.ts';
import { RouteAnswer, RouteQuestion } from './routing.ts';
import { Settings, SettingsChange } from './settings.ts';
import { AccountDraft, SignInAnswer, SignInStart, SignInStep } from './sign-in.ts';
import {
  AccountView,
  CheckStep,
  ClientKeyView,
  FoundLoginView,
  KeyRules,
  ModelView,
  ProviderView,
  StatusView,
  TryStep,
} from './views.ts';

const ById = z.object({ id: z.string().min(1) });
const KeyName = z.string().trim().min(1).max(100);

/** What the GUI is told without asking: whole new states, never differences. */
export const Change = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: StatusView }),
  z.object({ type: z.literal('accounts'), accounts: z.array(AccountView) }),
  z.object({ type: z.literal('keys'), keys: z.array(ClientKeyView) }),
  z.object({ type: z.literal('settings'), settings: Settings }),
  /** The list of models may have changed; ask for it again if it is shown. */
  z.object({ type: z.literal('models') }),
  z.object({ type: z.literal('projects'), projects: z.array(ProjectView) }),
  /** Sessions may have begun, changed or gone; ask for them again if they are shown. */
  z.object({ type: z.literal('sessions') }),
  /** Everything that agents wait to hear from the person. */
  z.object({ type: z.literal('questions'), questions: z.array(AgentQuestion) }),
  /** Requests that began or changed since the last message, each once in its newest state. */
  z.object({ type: z.literal('requests'), requests: z.array(RequestView) }),
]);
export type Change = z.infer<typeof Change>;

/** The contract. Errors: `BAD_REQUEST` for refused input, with a message for the person; `NOT_FOUND`; `CONFLICT`. */
export const contract = {
  /** Begins with the present status, accounts, keys, settings, projects and questions, then tells every change until the GUI goes away. */
  changes: oc.output(eventIterator(Change)),

  status: {
    read: oc.output(StatusView),
    traffic: oc.output(TrafficView),
    /** The path of a new one-time link to the GUI, for a browser that follows the door to another address. */
    link: oc.output(z.object({ path: z.string().optional() })),
  },

  door: {
    /** Opens the door on the port of the settings. The outcome, good or bad, is in the status. */
    start: oc.output(StatusView),
    /** Lets running replies finish for a bounded time, then closes. */
    stop: oc.output(StatusView),
  },

  keys: {
    list: oc.output(z.array(ClientKeyView)),
    /** Replaces the key's value by a new random one; clients with the old one are refused from then on. */
    renew: oc.input(ById).output(ClientKeyView),
    /** Makes a random key. `CONFLICT` where the name is taken. */
    add: oc.input(z.object({ name: KeyName, rules: KeyRules })).output(ClientKeyView),
    /** Absent name stays; `rules` replace all that were set. */
    change: oc.input(ById.extend({ name: KeyName.optional(), rules: KeyRules.optional() })).output(ClientKeyView),
    /** Clients with the key are refused from then on. The last key cannot be revoked, nor one of the file. */
    revoke: oc.input(ById).output(z.object({})),
    /**
     * Copies `text` with every `{{key}}` in it replaced by the client key. Where the host has a clipboard (desktop) the
     * key never reaches the page: `text` is absent. In a browser the page gets the text and copies it itself.
     */
    copy: oc
      .input(z.object({ id: z.string().min(1), text: z.string().max(20_000) }))
      .output(z.object({ text: z.string().optional() })),
  },

  accounts: {
    list: oc.output(z.array(AccountView)),
    providers: oc.output(z.array(ProviderView)),
    /** What is found on this machine for a provider before anything is typed: a program, a login. */
    survey: oc
      .input(z.object({ provider: z.string().min(1), values: z.record(z.string(), z.string()) }))
      .output(eventIterator(CheckStep)),
    /** Logins on this machine that accounts of the provider can be made of; empty where it looks for none. */
    found: oc.input(z.object({ provider: z.string().min(1) })).output(z.array(FoundLoginView)),
    add: oc.input(AccountDraft).output(AccountView),
    /** What the lines of a text with many accounts hold. No secret comes back. */
    readList: oc.input(AccountList).output(z.array(ListedAccountView)),
    /** Adds the accounts of these lines; one that cannot be added does not keep the others out. */
    addList: oc.input(ChosenLines).output(
      z.object({
        added: z.array(AccountView),
        failures: z.array(z.object({ line: z.number(), text: z.string() })),
      }),
    ),
    /**
     * Writes the provider's accounts into files of a folder of this machine, readable by this person alone; never over a file
     * that is there. Passwords and tokens go along only with `secrets`. Tells the paths.
     */
    writeList: oc.input(ListPlace).output(z.object({ files: z.array(z.string()) })),
    /** Absent fields stay; a secret given as `''` is removed. */
    change: oc.input(ById.extend(AccountDraft.omit({ provider: true }).partial().shape)).output(AccountView),
    /** Asks anew what is left of the account's plan; soon after a reading it is told as it is known. */
    readQuota: oc.input(ById).output(AccountView),
    remove: oc.input(ById).output(z.object({})),
    /** The account is not asked until then, in milliseconds since 1970; without a time, until the person says otherwise. */
    rest: oc.input(ById.extend({ until: z.number().max(8.64e15).optional() })).output(AccountView),
    /** Ends every rest of the account, whatever its cause, and forgets the failures in a row. */
    use: oc.input(ById).output(AccountView),
    /** Renews its login now. */
    renewLogin: oc.input(ById).output(AccountView),
    /** Tries the account and tells each step; the last state is kept and shown on the account. */
    check: oc.input(ById).output(eventIterator(CheckStep)),
    /**
     * Asks a model of the account twice for real: one question, one tool call that is streamed. `model` is the upstream's own
     * name; by default the account's first. Ends when the listener goes.
     */
    try: oc.input(ById.extend({ model: z.string().min(1).max(300).optional() })).output(eventIterator(TryStep)),
    /** Signs an account in by talking with the person. Ends with the last step, when the listener goes, or after a while. */
    signIn: oc.input(SignInStart).output(eventIterator(SignInStep)),
    /** Answers the open question of a running dialogue. `NOT_FOUND` where it is not open any more. */
    answer: oc.input(SignInAnswer).output(z.object({})),
    /** Signs the account out. A login that others use, too, needs `shared`: the person has been asked. */
    signOut: oc.input(ById.extend({ shared: z.boolean() })).output(z.object({ text: z.string() })),
  },

  models: {
    /** `refresh` asks the upstreams again instead of answering from the cache. */
    list: oc.input(z.object({ refresh: z.boolean() })).output(
      z.object({
        models: z.array(ModelView),
        /** Accounts whose models could not be listed, and why. */
        failures: z.array(z.object({ account: z.string(), text: z.string() })),
      }),
    ),
  },

  routing: {
    /** What the gateway would do with such a request now. */
    test: oc.input(RouteQuestion).output(RouteAnswer),
  },

  requests: {
    /** Newest first. `total` counts all that fit the query, whatever the page. */
    list: oc.input(RequestQuery).output(z.object({ requests: z.array(RequestView), total: z.number() })),
    /** Forgets every finished request. */
    clear: oc.output(z.object({})),
  },

  projects: {
    list: oc.output(z.array(ProjectView)),
    /** Makes no folder: the path must be there. `CONFLICT` where the id is taken. */
    add: oc.input(ProjectDraft).output(ProjectView),
    /** Absent fields stay, within `agent`, too; `account`, `model` and `instructions` given as `''` are removed. */
    change: oc.input(ById.extend(ProjectDraft.omit({ id: true }).partial().shape)).output(ProjectView),
    /** Forgets the project and its sessions; its folder and everything in it stay. */
    remove: oc.input(ById).output(z.object({})),
  },

  sessions: {
    list: oc.input(SessionQuery).output(z.object({ sessions: z.array(SessionView), total: z.number() })),
    /** Ends what runs in it. */
    interrupt: oc.input(ById).output(z.object({})),
    /** Forgets it and what was said in it, in Patchbay; files of the project's folder stay. */
    remove: oc.input(ById).output(z.object({})),
  },

  questions: {
    /** `NOT_FOUND` where it is not open any more. */
    answer: oc.input(ById.extend({ answer: AgentAnswer })).output(z.object({})),
  },

  host: {
    /** Lets the person choose a folder in a window of the system's own; no path where they cancel or there is no such window. */
    chooseFolder: oc.output(z.object({ path: z.string().optional() })),
  },

  settings: {
    read: oc.output(Settings),
    /** A change of host or port moves the door at once. */
    change: oc.input(SettingsChange).output(Settings),
  },
};

/** The type both sides share. */
export type Contract = typeof contract;
