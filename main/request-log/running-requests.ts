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
  const running = new Map<string, RequestView>();
  const clean = (text: string) => redact(text.slice(0, 2 * LONGEST_TEXT)).slice(0, LONGEST_TEXT);
  const cleanStep = (step: PathStep): PathStep => ({
    ...step,
    text: clean(step.text),
    ...(step.model === undefined ? {} : { model: step.model.slice(0, LONGEST_NAME) }),
  });

  return {
    list: () => [...running.values()].map(copy),
    open(opening) {
      const begun = performance.now();
      const modelAsked = opening.modelAsked.slice(0, LONGEST_NAME);
      const view: RequestView = { ...opening, modelAsked, state: 'running', attempts: 0, path: [], notes: [] };
      const read = () => copy(view);
      let closed = false;
      running.set(view.id, view);
      onChange(read, view.id);
      return {
        id: view.id,
        update(progress: RequestProgress) {
          if (closed) return;
          Object.assign(view, progress);
          if (progress.errorText !== undefined) view.errorText = clean(progress.errorText);
          if (progress.path !== undefined) view.path = progress.path.map(cleanStep);
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
