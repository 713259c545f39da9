// Gives ids to tool calls where a dialect has none, or none always: they are numbered from the start of the conversation,
// so that a call keeps its id from turn to turn, and results find theirs by name and order. The kit knows no face.

/** The tool calls of a conversation that wait for their result. */
export interface CallBook {
  /** The id of a new call: the one it brings along (newer servers give one), or the next number. */
  open(name: string, id: string | undefined): string;
  /** The id of the call that a result answers: by its id, else the oldest of its name (or of all, where it has none). */
  answer(name: string | undefined, id: string | undefined): string;
}

/** A book for one conversation. */
export function createCallBook(): CallBook {
  const waiting: { readonly id: string; readonly name: string }[] = [];
  let count = 0;
  const next = () => `call_${count++}`;
  return {
    open: (name, given) => {
      const id = given ?? next();
      waiting.push({ id, name });
      return id;
    },
    answer: (name, given) => {
      const byId = waiting.findIndex(({ id }) => id === given);
      const at = byId >= 0 ? byId : waiting.findIndex((call) => name === undefined || call.name === name);
      const [call] = at < 0 ? [] : waiting.splice(at, 1);
      // A client that cut its history may have lost the call; what that means is for the upstream to say.
      return call?.id ?? given ?? next();
    },
  };
}
