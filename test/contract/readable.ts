// Writes what the matrix saw so that a person can read it: JSON with short values on one line, and nothing in it that
// differs from run to run.

const WIDTH = 110;

/** JSON in as few lines as are readable. */
export function writeReadable(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value) ?? 'undefined';
  if (typeof value !== 'object' || value === null || flat.length + indent.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => inner + writeReadable(item, inner))
    : Object.entries(value).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${writeReadable(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

/** `text` without ids, times and durations; `own` are texts that stand for something else each run. */
export function normalise(text: string, own: Readonly<Record<string, string>> = {}): string {
  let written = text;
  for (const [found, word] of Object.entries(own)) written = written.replaceAll(found, word);
  return (
    written
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
      .replaceAll(/_[0-9a-f]{32}/g, '_<id>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replaceAll(/("created(?:_at)?"|"completed_at"):\s?\d{10}/g, '$1:0')
      // Whether these are known depends on how the network cut the answer.
      .replaceAll(/,"(prompt_)?eval_duration":\d+/g, '')
      .replaceAll(/"total_duration":\d+/g, '"total_duration":0')
  );
}
