// What a conversation is for the contract tests, said apart from any dialect, and the tiny client that each dialect has
// for it: it writes requests as a client of that dialect would, and understands what such a client gets.
import type { JsonObject } from '../../main/canonical/conversation.ts';

/** A function that the model called. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** What one side said before the other spoke again. */
export type Turn =
  | { readonly role: 'user'; readonly text: string /** The base64 of a PNG. */; readonly image?: string }
  | {
      readonly role: 'assistant';
      readonly text?: string;
      readonly reasoning?: { readonly text: string; readonly signature: string };
      readonly calls?: readonly Call[];
    }
  | {
      readonly role: 'tool';
      readonly results: readonly {
        readonly id: string;
        readonly name: string;
        readonly text: string;
        readonly failed?: true;
      }[];
    };

/** What a client wants, in words of no dialect. */
export interface Asked {
  readonly system?: string;
  readonly turns: readonly Turn[];
  readonly tools?: readonly { readonly name: string; readonly description: string; readonly parameters: JsonObject }[];
  readonly forcedTool?: string;
  /** The answer is to be JSON of this form. */
  readonly schema?: JsonObject;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly effort?: string;
}

/** How it is asked. */
export interface Manner {
  readonly model: string;
  readonly stream: boolean;
}

/** A request as it goes over the wire. */
export interface Written {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** What a client understood of an answer. */
export interface Heard {
  readonly text: string;
  readonly reasoning: string;
  /** Calls in the order of the reply; `id` is empty where the dialect has none. */
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  /** The dialect's own word for why it ended. */
  readonly finish: string;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  /** What opaque fields said: signatures, hidden thinking. */
  readonly opaque: readonly string[];
  /** The words of an error. */
  readonly error: string | undefined;
  /** The dialect's mark of a complete answer was there. */
  readonly complete: boolean;
}

/** One way to ask within a dialect: one of its paths that converse. */
export interface Client {
  /** The route's path as the face declares it. */
  readonly route: string;
  /** Why this way has no words for what is asked; undefined where it has. */
  cannot?(asked: Asked): string | undefined;
  write(asked: Asked, manner: Manner): Written;
  /** A request with every field that the dialect's documents name; texts of the caller's own begin with `§`. */
  writeRich?(model: string): object;
  read(answer: string, streamed: boolean): Heard;
}

/** Everything that the contract tests need to know of a face; the only export of its file in `faces/`. */
export interface Face {
  readonly clients: readonly Client[];
  /** Routes that converse and have no client here, with the reason. */
  readonly leftOut?: Readonly<Record<string, string>>;
  /** Headers that its clients send. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The frames of an event stream: their `event:` name and parsed data. Throws where a frame is none. */
export function readFrames(text: string): { readonly event: string; readonly data: JsonObject | '[DONE]' }[] {
  const blocks = text.split('\n\n');
  if (blocks.pop() !== '') throw new Error('The stream does not end with a whole frame.');
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => !line.startsWith(':'));
    if (lines.length === 0) return [];
    const fields = lines.map((line) => /^(event|data): (.*)$/s.exec(line));
    if (fields.includes(null)) throw new Error(`Not a frame: ${block}`);
    const of = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : [])).join('\n');
    const data = of('data');
    return [{ event: of('event'), data: data === '[DONE]' ? data : JSON.parse(data) }];
  });
}

/** Adds up what one frame after the other says. */
export function createHearing() {
  let text = '';
  let reasoning = '';
  let finish = '';
  let usage: Heard['usage'];
  let error: string | undefined;
  let complete = false;
  const opaque: string[] = [];
  const calls = new Map<unknown, { id: string; name: string; json: string }>();
  return {
    text: (more: unknown) => {
      if (typeof more === 'string') text += more;
    },
    reasoning: (more: unknown) => {
      if (typeof more === 'string') reasoning += more;
    },
    opaque: (more: unknown) => {
      if (typeof more === 'string' && more !== '') opaque.push(more);
    },
    /** Opens a call, or adds to the arguments of an open one. */
    call: (key: unknown, more: { readonly id?: unknown; readonly name?: unknown; readonly json?: unknown }) => {
      const call = calls.get(key) ?? { id: '', name: '', json: '' };
      calls.set(key, {
        id: call.id || String(more.id ?? ''),
        name: call.name || String(more.name ?? ''),
        json: call.json + String(more.json ?? ''),
      });
    },
    finish: (word: unknown) => {
      if (typeof word === 'string') finish = word;
    },
    usage: (input: unknown, output: unknown) => {
      if (typeof input === 'number' || typeof output === 'number') {
        usage = { input: Number(input ?? 0), output: Number(output ?? 0) };
      }
    },
    fail: (words: unknown) => {
      error = String(words);
    },
    complete: () => {
      complete = true;
    },
    heard: (): Heard => ({
      text,
      reasoning,
      calls: [...calls.values()].map(({ id, name, json }) => ({ id, name, input: readJson(json) })),
      finish,
      usage,
      opaque,
      error,
      complete,
    }),
  };
}

function readJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
