// A client's cache markers beside those of the program.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import { limitCacheMarkers } from '../../../../main/providers/claude-code/cache-markers.ts';

const block = (text: string, cache?: JsonObject) => ({ type: 'text', text, ...(cache && { cache_control: cache }) });
const short = { type: 'ephemeral' };
const long = { type: 'ephemeral', ttl: '1h' };

function limit(...turns: JsonObject[][]) {
  const notes: string[] = [];
  const given = turns.map((content) => ({ role: 'user' as const, content }));
  const limited = limitCacheMarkers(given, (text) => notes.push(text));
  return { turns: limited.map(({ content }) => content), notes };
}

describe('cache markers', () => {
  it('stay as they are where there is room', () => {
    const turns = [
      [block('a'), block('b', short)],
      [block('c'), block('d', long)],
    ];
    expect(limit(...turns)).toEqual({ turns, notes: [] });
    expect(limit()).toEqual({ turns: [], notes: [] });
  });

  it('are kept on the newest block and dropped from older ones, in tool results too', () => {
    const result = (cache?: JsonObject) => ({ type: 'tool_result', content: [block('r', cache)] });
    const { turns, notes } = limit(
      [block('a', short)],
      [result(short), block('b')],
      [block('c', short), block('d', short)],
    );
    expect(turns).toEqual([[block('a')], [result(), block('b')], [block('c', short), block('d', short)]]);
    expect(notes).toEqual([
      'Older cache markers were left out: the upstream takes four, and Claude Code sets three itself.',
    ]);
    expect(limit([result(short), block('b')]).turns).toEqual([[result(short), block('b')]]);
  });

  it('may not live longer than those before them', () => {
    const { turns, notes } = limit([block('a', long), block('b')]);
    expect(turns).toEqual([[block('a', short), block('b')]]);
    expect(notes).toEqual([
      'A cache marker was given the usual life: a longer one may not follow those of Claude Code.',
    ]);
  });
});
