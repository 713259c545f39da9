// Event streams that no longer end: what a broken upstream sends must not fill the memory.
import { expect, test } from 'vitest';
import { createServerSentEventReader } from '../../../main/http/sse.ts';

test('an event without an end is refused once it is too long, in one line or in many', () => {
  for (const piece of ['data: 0123456789', 'data: 01234\n']) {
    const reader = createServerSentEventReader(100);
    const push = () => {
      for (let count = 0; count < 50; count++) reader.push(Buffer.from(piece));
    };
    expect(push).toThrow('The upstream sent an event of more than 100 characters.');
  }
});

test('many events of a good length are none of its business', () => {
  const reader = createServerSentEventReader(100);
  for (let count = 0; count < 50; count++) expect(reader.push(Buffer.from('data: 0123456789\n\n'))).toHaveLength(1);
});
