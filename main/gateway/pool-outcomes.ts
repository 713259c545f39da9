// Takes down what became of requests: who is counted, who rests, whose rest is over. Tells nobody.
import type { RestView } from '../../shared/routing.ts';
import { classifyFailure } from './failure-class.ts';
import type { Outcome } from './pool.ts';
import type { PoolRecords } from './pool-records.ts';
import type { Rests } from './rests.ts';
import type { Candidate } from './route-plan.ts';

/** The outcomes of requests. Each returns whether somebody rests or rests no longer by that. */
export interface PoolOutcomes {
  settle(candidate: Candidate, turn: number, outcome: Outcome): boolean;
  /** As in `Pool`. */
  use(account: string): void;
  prove(account: string): boolean;
  replace(account: string): boolean;
  forget(account: string): void;
}

const NOT_TOLD: ReadonlySet<RestView['cause']> = new Set(['guessed', 'failed']);
const NOT_HAND: ReadonlySet<RestView['cause']> = new Set(['guessed', 'failed', 'told']);

/** Some upstreams answer with a page. */
const MOST_TEXT = 500;

/** None yet. */
export function createPoolOutcomes(rests: Rests, records: PoolRecords, redact: (text: string) => string): PoolOutcomes {
  /** Turns up to which a refused login was another one, and up to which it was another account. */
  const proved = new Map<string, number>();
  const replaced = new Map<string, number>();

  const settle: PoolOutcomes['settle'] = ({ account: { id, name }, model }, turn, outcome) => {
    if (outcome.type === 'dropped' || turn <= (replaced.get(id) ?? -1)) return false;
    if (outcome.type === 'ok') {
      records.countServed(id);
      return rests.succeed(id, model, turn);
    }
    const { error } = outcome;
    const failure = classifyFailure(error);
    if (failure.rest === undefined) return false;
    records.countFailed(id);
    if (failure.rest.cause === 'failed' && turn <= (proved.get(id) ?? -1)) return false;
    const text = redact(cutName(error.message, name));
    return rests.fail({ account: id, model, error, failure, begun: turn, text: shorten(text) }, records.turn);
  };
  const end = (account: string, causes: ReadonlySet<RestView['cause']>) => {
    const isForgiven = records.forgive(account);
    return rests.end(account, causes) || isForgiven;
  };
  return {
    settle,
    use: (account) => {
      rests.end(account);
      records.forgive(account);
    },
    prove: (account) => {
      proved.set(account, records.turn);
      return end(account, NOT_TOLD);
    },
    replace: (account) => {
      replaced.set(account, records.turn);
      return end(account, NOT_HAND);
    },
    forget: (account) => {
      replaced.set(account, records.turn);
      rests.end(account);
      records.forget(account);
    },
  };
}

/** The name stands before the words wherever they are read without it. */
function cutName(message: string, name: string): string {
  const prefix = `${name}: `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}

const shorten = (text: string) => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);
