// Puts the pieces of tool calls together. Seen in the wild: arguments in fragments or as one object, no arguments at all, an
// end that never comes, pieces of two calls in turn, the same call told twice.
import type { EventWriter } from '../../canonical/event-writer.ts';
import { isCutJson } from './truncation.ts';

/** One event of a call. */
export interface WireCallPiece {
  readonly toolUseId?: unknown;
  readonly name?: unknown;
  readonly input?: unknown;
  readonly stop?: unknown;
}

/** A call that has been passed on. */
export interface PassedCall {
  readonly id: string;
  /** The upstream's form of the name. */
  readonly name: string;
  /** What has come of its arguments. */
  text: string;
}

/** Collects the calls of one reply. */
export interface WireCallReader {
  read(piece: WireCallPiece): void;
  /** Other content begins, or the reply ends: no call is open any longer. */
  close(): void;
  readonly calls: readonly PassedCall[];
}

interface OpenCall extends PassedCall {
  state: 'open' | 'stopped' | 'closed';
  /** While a call is told again: how much of it has been heard. */
  heard: string | undefined;
}

/** A reader that passes calls on as they come; `readName` gives the client's own name of a tool. */
export function createWireCallReader(writer: EventWriter, readName: (name: string) => string): WireCallReader {
  const calls = new Map<string, OpenCall>();
  let last: OpenCall | undefined;
  const closeCall = (call: OpenCall) => {
    if (call.state === 'closed') return;
    call.state = 'closed';
    // The writer gives a call without arguments an empty object; one that was cut keeps what has come.
    writer.endToolCall(call.id);
  };
  const open = (id: string, name: string): OpenCall => {
    const call: OpenCall = { id, name, text: '', state: 'open', heard: undefined };
    calls.set(id, call);
    writer.toolCall(id, { id, name: readName(name) });
    return call;
  };
  const find = ({ toolUseId, name }: WireCallPiece): OpenCall | undefined => {
    const id = readText(toolUseId) ?? last?.id;
    if (id === undefined) return undefined;
    const known = calls.get(id);
    // A call that has ended is kept open until it is clear that it is not told again.
    if (last !== undefined && last !== known && last.state === 'stopped') closeCall(last);
    if (known === undefined) return open(id, readText(name) ?? '');
    if (known.state !== 'open' && known.heard === undefined) known.heard = '';
    return known;
  };
  const add = (call: OpenCall, text: string) => {
    if (call.heard === undefined) {
      call.text += text;
      writer.toolArguments(call.id, text);
      return;
    }
    // Told again: only what goes on where the first telling stopped is new.
    call.heard += text;
    if (call.state === 'closed' || !call.heard.startsWith(call.text)) return;
    const more = call.heard.slice(call.text.length);
    call.text = call.heard;
    writer.toolArguments(call.id, more);
  };

  return {
    read: (piece) => {
      const call = find(piece);
      if (call === undefined) return;
      last = call;
      add(call, readInput(piece.input));
      if (piece.stop !== true) return;
      if (call.state === 'open') call.state = 'stopped';
      if (call.heard !== undefined) call.heard = '';
    },
    close: () => {
      for (const call of calls.values()) closeCall(call);
      last = undefined;
    },
    get calls() {
      return [...calls.values()];
    },
  };
}

/** How the arguments of a call have come: as JSON, cut, or as something that is no JSON. */
export function judgeArguments(text: string): 'whole' | 'cut' | 'broken' {
  if (text.trim() === '') return 'whole';
  try {
    JSON.parse(text);
    return 'whole';
  } catch {
    return isCutJson(text) ? 'cut' : 'broken';
  }
}

const readText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** The first event of a call often holds an empty object, which stands for nothing. */
function readInput(input: unknown): string {
  if (typeof input === 'string') return input;
  if (typeof input !== 'object' || input === null) return '';
  return Object.keys(input).length === 0 ? '' : JSON.stringify(input);
}
