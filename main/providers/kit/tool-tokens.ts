// Takes tool calls out of text in which a model writes them with the special tokens of the Kimi family, as engines without a
// parser pass them on. It takes text in any pieces and tells what it finds at once; names, ids and schemas are not its business.
import { createStringWatch, endsText, findToken, isCutToken, type Token } from './tool-token-marks.ts';

/** Who is told what was found, in order. Pieces are never empty. */
export interface ToolTokenSink {
  text(text: string): void;
  reasoning(text: string): void;
  /** A call opens. `id` is what the model wrote, without white space. */
  call(id: string): void;
  /** More of the open call's arguments. */
  arguments(text: string): void;
  /** The open call is over; `whole` unless the text ended within it. */
  endCall(whole: boolean): void;
  /** Thinking has ended that nothing had opened, after it was told as text. */
  lateThinkingEnd(): void;
}

/** Takes the text of one reply. */
export interface ToolTokenReader {
  /** More of the answer or of the thinking, as the engine parts them. */
  push(channel: 'text' | 'reasoning', text: string): void;
  /** Nothing follows. */
  end(): void;
}

type Mode = 'outside' | 'section' | 'id' | 'arguments';

/** A reader for one reply. With `unopenedThinking` the text begins within the thinking, and `</think>` ends it. */
export function createToolTokenReader(
  sink: ToolTokenSink,
  { unopenedThinking = false }: { readonly unopenedThinking?: boolean } = {},
): ToolTokenReader {
  let mode: Mode = 'outside';
  let channel: 'text' | 'reasoning' = 'text';
  let thinking = unopenedThinking;
  /** What the engine still calls thinking is the answer. */
  let thoughtOver = false;
  /** The section was opened by its own token, so that only its own token ends it. */
  let inSection = false;
  let held = '';
  /** White space that belongs to what follows, unless that is a call. */
  let white = '';
  let isTrimming = false;
  let id = '';
  let begun = false;
  let strings = createStringWatch();
  const said = { text: false, reasoning: false };

  const kind = () => (thinking || (channel === 'reasoning' && !thoughtOver) ? 'reasoning' : 'text');
  const setApart = () => {
    white = '';
    isTrimming = true;
  };
  const sayOutside = (plain: string) => {
    const body = white + (isTrimming ? plain.trimStart() : plain);
    const kept = body.trimEnd();
    white = body.slice(kept.length);
    if (kept === '') return;
    isTrimming = false;
    said[kind()] = true;
    sink[kind()](kept);
  };
  const sayArguments = (plain: string) => {
    strings.read(plain);
    const body = white + (begun ? plain : plain.trimStart());
    const kept = body.trimEnd();
    white = body.slice(kept.length);
    if (kept === '') return;
    begun = true;
    sink.arguments(kept);
  };
  const sayId = (plain: string) => {
    id += plain;
    // Some models forget the token between the id and the arguments.
    const at = id.indexOf('{');
    if (at < 0) return;
    openCall(id.slice(0, at));
    mode = 'arguments';
    sayArguments(id.slice(at));
  };
  const say = (plain: string) => {
    if (plain === '') return;
    if (mode === 'outside') sayOutside(plain);
    else if (mode === 'arguments') sayArguments(plain);
    else if (mode === 'id') sayId(plain);
  };
  const openCall = (name: string) => {
    sink.call(name.replaceAll(/\s+/g, ''));
    begun = false;
    strings = createStringWatch();
    white = '';
  };
  /** An id that no arguments follow. */
  const endId = (whole: boolean) => {
    if (!whole || id.trim() === '') return;
    openCall(id);
    sink.endCall(whole);
  };
  const endCall = (whole = true) => {
    if (mode === 'arguments') sink.endCall(whole);
    else if (mode === 'id') endId(whole);
  };
  const leave = () => {
    mode = 'outside';
    inSection = false;
    setApart();
  };
  const enter = (next: 'section' | 'id') => {
    endCall();
    if (mode === 'outside') {
      thinking = false;
      thoughtOver = true;
    }
    mode = next;
    inSection ||= next === 'section';
    id = '';
    white = '';
  };
  const openThinking = (token: string) => {
    const first = !said.text && !thinking && !(channel === 'reasoning' && said.reasoning);
    if (!first) return say(token);
    thinking = true;
    setApart();
  };
  const endThinking = (token: string) => {
    if (kind() === 'text') {
      if (said.text && (said.reasoning || thoughtOver)) return say(token);
      if (said.text) sink.lateThinkingEnd();
    }
    thinking = false;
    thoughtOver = true;
    setApart();
  };
  const take = (token: Token, text: string) => {
    switch (token) {
      case 'section-begin':
        return enter('section');
      case 'call-begin':
        return enter('id');
      case 'arguments-begin':
        if (mode !== 'id') return;
        openCall(id);
        mode = 'arguments';
        return;
      case 'call-end':
        if (mode === 'outside') return;
        endCall();
        if (inSection) mode = 'section';
        else leave();
        return;
      case 'section-end':
      case 'turn':
        endCall();
        return leave();
      case 'think':
        return mode === 'outside' ? openThinking(text) : say(text);
      case 'think-end':
        return mode === 'outside' ? endThinking(text) : say(text);
      default:
        return token satisfies never;
    }
  };
  const read = (ended: boolean) => {
    for (;;) {
      const { at, token, length } = findToken(held);
      say(held.slice(0, at));
      held = held.slice(at);
      if (token === undefined) return;
      const rest = held.slice(length);
      // A file about such tokens may be what a call writes.
      const ends = mode !== 'arguments' || !strings.inString || endsText(token, rest, ended);
      if (ends === 'maybe') return;
      const text = held.slice(0, length);
      held = rest;
      if (ends) take(token, text);
      else say(text);
    }
  };
  /** What was held back as the beginning of a token is none. */
  const release = () => {
    read(true);
    const rest = held;
    held = '';
    if (!isCutToken(rest)) say(rest);
  };

  return {
    push: (next, text) => {
      if (text === '') return;
      if (next !== channel) {
        release();
        if (mode === 'outside') setApart();
        // An engine that parts the thinking itself leaves none in the text.
        thinking = false;
        channel = next;
      }
      held += text;
      read(false);
    },
    end: () => {
      release();
      endCall(false);
      if (mode === 'outside' && said[kind()] && !isTrimming && white !== '') sink[kind()](white);
      mode = 'outside';
      white = '';
    },
  };
}
