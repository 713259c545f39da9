// Tells a request in one sentence, and what to do after a failure. Pure functions over the row of the log.
import type { RequestView } from '../../../shared/requests.ts';
import type { PathStep } from '../../../shared/routing.ts';
import { formatDuration } from '../../lib/format.ts';
import type { useTexts } from '../../lib/i18n.ts';
import type { PageId } from '../../lib/navigation.ts';

type Texts = ReturnType<typeof useTexts>;

/** What happened, in one or two plain sentences; `nameOf` tells the name of an account by its id. */
export function tellStory(request: RequestView, nameOf: (account: string) => string, t: Texts): string {
  const asked = t(readAskedKey(request), { client: request.client, model: request.modelAsked });
  const account = request.account === undefined ? t('detail.story.nobody') : nameOf(request.account);
  const failures = listFailures(request).map((step) => tellFailure(step, nameOf, t));
  const values = {
    asked,
    account,
    used: request.modelUsed ?? '',
    duration: formatDuration(request.durationMs ?? 0),
    failures: joinFailures(failures, t),
  };
  const moved = failures.length > 0 ? readMovedKey(request, failures.length) : undefined;
  if (moved !== undefined) return t(moved, values);
  switch (request.state) {
    case 'running':
      return t(request.firstTokenMs === undefined ? 'detail.story.waiting' : 'detail.story.running', values);
    case 'ok': {
      if (request.account === undefined) return t('detail.story.okAlone', values);
      return t(isRenamed(request) ? 'detail.story.okRenamed' : 'detail.story.ok', values);
    }
    case 'failed':
      if (request.account !== undefined) return t('detail.story.failed', values);
      return t(wasTurnedAway(request) ? 'detail.story.failedDoor' : 'detail.story.failedEarly', values);
    case 'aborted':
      return t(request.firstTokenMs === undefined ? 'detail.story.abortedEarly' : 'detail.story.aborted', values);
  }
}

function isRenamed({ modelUsed, modelAsked }: RequestView): boolean {
  return modelUsed !== undefined && !modelAsked.endsWith(modelUsed);
}

/** How a request is told that somebody could not answer; undefined where that changes nothing of the story. */
function readMovedKey(request: RequestView, failures: number) {
  switch (request.state) {
    case 'running':
      return request.firstTokenMs === undefined ? 'detail.story.movedWaiting' : 'detail.story.movedRunning';
    case 'ok':
      return isRenamed(request) ? 'detail.story.movedRenamed' : 'detail.story.moved';
    case 'failed':
      return failures > 1 ? 'detail.story.allFailed' : undefined;
    case 'aborted':
      return undefined;
  }
}

/** Those who were asked and could not answer; whoever failed in the middle of the answer did answer. */
function listFailures({ path }: RequestView): PathStep[] {
  return path.filter(({ kind, outcome }) => kind === 'attempt' && outcome === 'failed');
}

const MOVED_KINDS = [
  'rate-limited',
  'quota-exhausted',
  'overloaded',
  'timeout',
  'unauthorized',
  'forbidden',
  'not-found',
  'upstream',
] as const;

function tellFailure({ account, errorKind }: PathStep, nameOf: (account: string) => string, t: Texts): string {
  const kind = MOVED_KINDS.find((known) => known === errorKind);
  const values = { account: account === undefined ? t('detail.story.nobody') : nameOf(account) };
  return kind === undefined ? t('detail.story.couldNot', values) : t(`detail.story.was.${kind}`, values);
}

/** "A was rate limited", "A was rate limited and B was overloaded", "A ..., B ... and C ...". */
function joinFailures(failures: readonly string[], t: Texts): string {
  const told = [...new Set(failures)];
  const last = told.at(-1) ?? '';
  return told.length < 2 ? last : t('detail.story.and', { first: told.slice(0, -1).join(', '), last });
}

const wasTurnedAway = (request: RequestView) =>
  request.errorKind === 'unauthorized' || request.errorKind === 'forbidden' || findKeyTrouble(request) !== undefined;

/** What the rules of the client's own key had against it; nobody was asked, or even looked at. */
function findKeyTrouble({ key, errorKind, account, attempts, path }: RequestView) {
  if (key === undefined || account !== undefined || attempts > 0 || path.some(({ kind }) => kind !== 'rule'))
    return undefined;
  if (errorKind === 'unauthorized') return 'expired' as const;
  if (errorKind === 'rate-limited') return 'keyLimit' as const;
  return errorKind === 'forbidden' ? ('keyModels' as const) : undefined;
}

/** A request that was refused before it was read names no model. */
function readAskedKey({ modelAsked, stream }: RequestView) {
  if (modelAsked === '') return 'detail.story.knocked';
  return stream ? 'detail.story.askedStream' : 'detail.story.asked';
}

const KINDS = [
  'invalid-request',
  'unauthorized',
  'forbidden',
  'not-found',
  'too-large',
  'rate-limited',
  'quota-exhausted',
  'overloaded',
  'timeout',
  'aborted',
  'unsupported',
  'upstream',
  'internal',
] as const;

type Kind = (typeof KINDS)[number];

const PAGE_OF_KIND: Partial<Record<Kind, 'account' | 'models' | 'settings'>> = {
  unauthorized: 'account',
  forbidden: 'account',
  'quota-exhausted': 'account',
  'rate-limited': 'account',
  upstream: 'account',
  'not-found': 'models',
  unsupported: 'models',
  'too-large': 'settings',
  timeout: 'settings',
};

const LABELS = {
  account: 'detail.goAccount',
  models: 'detail.goModels',
  settings: 'detail.goSettings',
  connect: 'detail.goConnect',
} as const;

/** The next step after a failure: a sentence, and the page where it can be done. */
export interface NextStep {
  readonly text: `detail.next.${Kind | 'stranger' | 'expired' | 'keyLimit' | 'keyModels'}`;
  readonly action?: {
    readonly label: (typeof LABELS)[keyof typeof LABELS];
    readonly page: PageId;
    readonly parameters: Readonly<Record<string, string>>;
  };
}

/** The step that fits the kind of error; undefined for kinds that this version does not know. */
export function nextStepOf(request: RequestView): NextStep | undefined {
  const kind = KINDS.find((known) => known === request.errorKind);
  if (kind === undefined) return undefined;
  const trouble = findKeyTrouble(request);
  if (trouble !== undefined)
    return { text: `detail.next.${trouble}`, action: { label: LABELS.settings, page: 'settings', parameters: {} } };
  // Refused at the door: no account was asked.
  if (kind === 'unauthorized' && request.account === undefined) {
    return { text: 'detail.next.stranger', action: { label: LABELS.connect, page: 'connect', parameters: {} } };
  }
  const text = `detail.next.${kind}` as const;
  const goal = PAGE_OF_KIND[kind];
  if (goal === undefined || (goal === 'account' && request.account === undefined)) return { text };
  const page = goal === 'account' ? 'accounts' : goal;
  const parameters: Record<string, string> =
    goal === 'account' && request.account !== undefined ? { open: request.account } : {};
  return { text, action: { label: LABELS[goal], page, parameters } };
}
