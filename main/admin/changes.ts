// The one stream to the GUI: the present state first, then every change, each in its newest state.
import type { Change } from '../../shared/contract.ts';
import type { RequestView } from '../../shared/requests.ts';
import { listAccountViews } from './account-views.ts';
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

type Topic = Exclude<Change['type'], 'requests'>;

/** Between two messages at least, in milliseconds: a thousand requests a second must not be a thousand messages. */
const GAP_MS = 50;

/** The handler of `changes`. */
export function createChangesHandler(os: Binder, services: AdminServices) {
  return os.changes.handler(({ signal = new AbortController().signal }) => listChanges(services, signal));
}

async function* listChanges(services: AdminServices, signal: AbortSignal): AsyncGenerator<Change> {
  const dirty = new Set<Topic>(['status', 'accounts', 'keys', 'settings', 'projects', 'questions']);
  const requests = new Map<string, RequestView>();
  let wake = () => {};
  const mark =
    (...topics: readonly Topic[]) =>
    () => {
      for (const topic of topics) dirty.add(topic);
      wake();
    };
  const stops = [
    services.status.onChange(mark('status')),
    services.accounts.onChange(mark('accounts')),
    services.keys.onChange(mark('keys')),
    services.settings.onChange(mark('settings')),
    // An account's row says how many models it offers.
    services.models.onChange(mark('models', 'accounts')),
    // A project's row counts its sessions and tells whether an account can run its agent.
    services.accounts.onChange(mark('projects')),
    services.projects.onChange(mark('projects')),
    services.sessions.onChange(mark('sessions', 'projects')),
    services.questions.onChange(mark('questions')),
    services.toolCounts.onChange(mark('models')),
    services.quotas.onChange(mark('accounts')),
    services.pool.onChange(mark('accounts')),
    services.renewals.onChange(mark('accounts')),
    services.log.onChange((changed) => {
      for (const request of changed) requests.set(request.id, request);
      wake();
    }),
  ];
  // A window that opens shows what is left of every plan.
  services.quotas.look();
  const end = () => wake();
  signal.addEventListener('abort', end);
  let timer: NodeJS.Timeout | undefined;
  try {
    while (!signal.aborted) {
      for (const topic of [...dirty]) {
        dirty.delete(topic);
        yield await readChange(services, topic);
      }
      if (requests.size > 0) {
        const changed = [...requests.values()];
        requests.clear();
        yield { type: 'requests', requests: changed };
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (signal.aborted || dirty.size > 0 || requests.size > 0) resolve();
      });
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = () => signal.aborted && resolve();
        timer = setTimeout(resolve, GAP_MS);
      });
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    for (const stop of stops) stop();
  }
}

async function readChange(services: AdminServices, topic: Topic): Promise<Change> {
  switch (topic) {
    case 'status':
      return { type: topic, status: services.status.read() };
    case 'accounts':
      return { type: topic, accounts: await listAccountViews(services) };
    case 'keys':
      return { type: topic, keys: [...services.keys.list()] };
    case 'settings':
      return { type: topic, settings: services.settings.read() };
    case 'projects':
      return { type: topic, projects: [...services.projects.views()] };
    case 'questions':
      return { type: topic, questions: [...services.questions.list()] };
    case 'models':
    case 'sessions':
      return { type: topic };
    default:
      return topic satisfies never;
  }
}
