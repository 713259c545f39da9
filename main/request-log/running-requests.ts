// The requests that are under way: kept in memory, changed in place, handed on when they close.
import { performance } from 'node:perf_hooks';
import type { RequestView } from '../../shared/requests.ts';
import type { PathStep } from '../../shared/routing.ts';
import type { RequestOpening, RequestProgress, RequestRecord } from './request-log.ts';

/** All requests under way. */
export interface RunningRequests {
  open(opening: RequestOpening): RequestRecord;
  /** Their rows as they are now. */
  list(): RequestView[];
}

/** Longer error texts are cut, after the secrets are out: an upstream may answer with a whole web page. */
const LONGEST_TEXT = 4000;

/** The name of a model is whatever the client sent, up to the size of a body. */
const LONGEST_NAME = 200;

/** No request is under way yet. */
export function createRunningRequests(options: {
  readonly redact: (text: string) => string;
  /** Told of every change, before it is known whether anybody cares; `view` is called later, if at all. */
  readonly onChange: (view: () => RequestView, id: string) => void;
  readonly onClose: (view: RequestView) => void;
}): RunningRequests {
  const { redact, onChange, onClose } = options;
  /** Each with the way to its row as it is now. */
  const running = new Map<string, () => RequestView>();
  const clean = (text: string) => redact(text.slice(0, 2 * LONGEST_TEXT)).slice(0, LONGEST_TEXT);
  const cleanStep = (step: PathStep): PathStep => ({
    ...step,
    text: clean(step.text),
    ...(step.model === undefined ? {} : { model: step.model.slice(0, LONGEST_NAME) }),
  });

  return {
    list: () => [...running.values()].map((read) => read()),
    open(opening) {
      const begun = performance.now();
      const modelAsked = opening.modelAsked.slice(0, LONGEST_NAME);
      const view: RequestView = { ...opening, modelAsked, state: 'running', attempts: 0, path: [], notes: [] };
      let told: readonly PathStep[] = view.path;
      // The way is told anew with each step, and hardly ever looked at before its end.
      const cleanPath = () => {
        if (told === view.path) return;
        view.path = told.map(cleanStep);
        told = view.path;
      };
      const read = () => {
        cleanPath();
        return copy(view);
      };
      let closed = false;
      running.set(view.id, read);
      onChange(read, view.id);
      return {
        id: view.id,
        update(progress: RequestProgress) {
          if (closed) return;
          const { path, ...others } = progress;
          Object.assign(view, others);
          if (others.errorText !== undefined) view.errorText = clean(others.errorText);
          if (path !== undefined) told = path;
          onChange(read, view.id);
        },
        note(text) {
          const sentence = clean(text);
          if (closed || view.notes.includes(sentence)) return;
          view.notes.push(sentence);
          onChange(read, view.id);
        },
        close(state) {
          if (closed) return;
          closed = true;
          view.state = state;
          view.durationMs = Math.round((performance.now() - begun) * 10) / 10;
          cleanPath();
          running.delete(view.id);
          onClose(view);
          onChange(read, view.id);
        },
      };
    },
  };
}

function copy(view: RequestView): RequestView {
  return { ...view, notes: [...view.notes] };
}
