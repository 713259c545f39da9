// Gives every tool call its result and every result its call, as the upstream refuses a conversation otherwise. Nothing is
// thrown away: a result that has no call becomes text, a call that has no result gets one that says so.
import { mendText, PLACEHOLDERS } from './texts.ts';
import { writeToolId } from './tool-names.ts';
import {
  type AssistantTurn,
  type Call,
  createUserTurn,
  mergeTurns,
  type Result,
  type Turn,
  type UserTurn,
} from './turns.ts';

/** A call with the result that stands in the turn after it. */
export interface PairedCall extends Call {
  /** The upstream's form of the id, unlike all others of the conversation. */
  readonly wireId: string;
}

/** A result under the id of its call. */
export interface PairedResult extends Result {
  readonly wireId: string;
}

/** The model's turn, each call of which is answered in the next turn. */
export type PairedAssistant = Omit<AssistantTurn, 'calls'> & { readonly calls: readonly PairedCall[] };

/** The person's turn, each result of which belongs to a call in the turn before. */
export type PairedUser = Omit<UserTurn, 'results'> & { readonly results: readonly PairedResult[] };

interface OpenCall {
  readonly call: PairedCall;
  result: Result | undefined;
}

/** `turns` so that the person begins and ends, the sides alternate, and calls and results are paired. */
export function pairTurns(turns: readonly Turn[], note: (text: string) => void): (PairedUser | PairedAssistant)[] {
  const { placed, calls } = placeResults(turns, note);
  const alternating = mergeTurns(placed);
  if (alternating[0]?.role === 'assistant') {
    note('The conversation begins with an answer; a neutral question was put before it.');
    alternating.unshift(createUserTurn(PLACEHOLDERS.beginning));
  }
  if (alternating.at(-1)?.role !== 'user') {
    if (alternating.length > 0) note('The conversation ends with an answer; the model was asked to go on.');
    alternating.push(createUserTurn(PLACEHOLDERS.end));
  }
  let before: readonly OpenCall[] = [];
  return alternating.map((turn) => {
    if (turn.role === 'assistant') {
      before = turn.calls.flatMap((call) => calls.get(call) ?? []);
      return { ...turn, calls: before.map(({ call }) => call) };
    }
    const answered = before;
    before = [];
    return answerCalls(turn, answered, note);
  });
}

function answerCalls(turn: UserTurn, calls: readonly OpenCall[], note: (text: string) => void): PairedUser {
  const results = calls.map(({ call, result }): PairedResult => {
    if (result !== undefined) return { ...result, wireId: call.wireId };
    note('A tool call that the conversation never answers got a result that says so: Kiro takes none without one.');
    const { id, name, wireId } = call;
    return { id, name, wireId, text: PLACEHOLDERS.unanswered, images: [], isError: true };
  });
  return { ...turn, images: [...results.flatMap(({ images }) => images), ...turn.images], results };
}

/** Takes each result to its call; those that have none become words where they stand. */
function placeResults(
  turns: readonly Turn[],
  note: (text: string) => void,
): { readonly placed: Turn[]; readonly calls: ReadonlyMap<Call, OpenCall> } {
  const calls = new Map<Call, OpenCall>();
  const byId = new Map<string, OpenCall>();
  const wireIds = new Set<string>();
  let latest: ReadonlySet<OpenCall> = new Set();
  const placed = turns.map((turn): Turn => {
    if (turn.role === 'assistant') {
      const opened = turn.calls.map((call) => {
        const open = { call: { ...call, wireId: chooseId(call.id, wireIds) }, result: undefined };
        calls.set(call, open);
        byId.set(call.id, open);
        return open;
      });
      latest = new Set(opened);
      return turn;
    }
    const kept = createUserTurn();
    for (const result of turn.results) {
      const open = byId.get(result.id);
      if (open !== undefined && open.result === undefined) {
        if (!latest.has(open)) note('A tool result was moved up to its call: Kiro takes it only right after.');
        open.result = result;
      } else {
        const why = open === undefined ? 'no call for it comes before it' : 'its call has a result already';
        note(`A tool result was passed on as text: ${why}.`);
        kept.texts.push(describeResult(result));
        kept.images.push(...result.images);
      }
    }
    kept.texts.push(...turn.texts);
    kept.images.push(...turn.images);
    // A turn whose results went to the call before it must not vanish between two answers.
    if (turn.results.length > 0 && latest.size > 0) kept.results.push(...turn.results);
    return kept;
  });
  return { placed, calls };
}

/** A result in words, for where it has no call. */
function describeResult({ id, name, text, isError }: Result): string {
  const of = mendText(name === undefined ? id : `${name}, ${id}`);
  return `[${isError ? 'Error' : 'Result'} of an earlier tool call (${of})]\n${text}`;
}

function chooseId(id: string, taken: Set<string>): string {
  const plain = writeToolId(id);
  let wireId = plain;
  for (let count = 2; taken.has(wireId); count++) wireId = writeToolId(`${plain.slice(0, 58)}_${count}`);
  taken.add(wireId);
  return wireId;
}
