// Collects what a request asked for and cannot be given, in plain words and without repetition. It sends nothing.

/** What a reader has to tell of one request. */
export interface NoteBook {
  /** One plain sentence. */
  add(text: string): void;
  /** The name of a field that is not passed on; all of them make one sentence. */
  leaveOut(field: string): void;
  /** The type of an item or part that is passed on as text; all of them make one sentence. */
  passAsText(type: string): void;
  /** All sentences, each once. */
  list(): readonly string[];
}

/** An empty book. */
export function createNoteBook(): NoteBook {
  const texts = new Set<string>();
  const fields = new Set<string>();
  const types = new Set<string>();
  return {
    add: (text) => texts.add(text),
    leaveOut: (field) => fields.add(field),
    passAsText: (type) => types.add(type),
    list: () => [
      ...texts,
      ...(types.size > 0 ? [`Passed on as text: ${[...types].join(', ')}.`] : []),
      ...(fields.size > 0 ? [`Left out, as no upstream is told of it: ${[...fields].join(', ')}.`] : []),
    ],
  };
}
