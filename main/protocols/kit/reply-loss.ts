// Tells the log what of a reply a dialect has no field for, once for each kind of loss. The kit knows no face and no
// upstream: what another dialect brought along is named as that dialect names it.
import type { Json, JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { FinishReason } from '../../canonical/events.ts';
import type { ReplyHead } from '../protocol.ts';

/** Looks at what passes by. It costs nothing where there is nothing to tell. */
export interface ReplyLoss {
  /** What belongs to a block, a tool call or the whole reply. */
  metadata(metadata: Metadata | undefined): void;
  /** For dialects that cannot say which text ended a reply. */
  stopText(finishReason: FinishReason): void;
}

/** Why and how an upstream ran, or padding: nothing that was said to the client. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'system_fingerprint',
  'service_tier',
  'provider',
  'obfuscation',
  'native_finish_reason',
  'usage',
]);

const WORDS: ReadonlyMap<string, string> = new Map([
  ['signature', 'the signature of its reasoning'],
  ['redacted', 'reasoning that only its upstream can read'],
  ['citations', 'its citations'],
]);

/** What says something, the fields of a message or a choice one by one. */
function listNames(fields: JsonObject): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
    if (BOOKKEEPING.has(name) || isEmpty) return [];
    const inner = name === 'message' || name === 'choice' ? listInner(value) : undefined;
    return inner?.flatMap(listNames) ?? [name];
  });
}

/** The objects in which further fields stand; undefined where an upstream has a field of its own under that name. */
function listInner(value: Json): readonly JsonObject[] | undefined {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return list.every(isObject) ? list : undefined;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The notes of one reply, for a dialect that reads only the namespaces `own`. */
export function createReplyLoss({ note }: ReplyHead, own: readonly string[]): ReplyLoss {
  const told = new Set<string>();
  const tell = (what: string) => {
    if (told.has(what)) return;
    told.add(what);
    note(`Left out of the reply, as its dialect has no field for it: ${what}.`);
  };
  return {
    metadata: (metadata) => {
      for (const namespace in metadata) {
        if (own.includes(namespace)) continue;
        for (const name of listNames(metadata[namespace] ?? {})) tell(WORDS.get(name) ?? `${name} (${namespace})`);
      }
    },
    stopText: ({ stopText }) => {
      if (stopText !== undefined) tell('which text ended it');
    },
  };
}
