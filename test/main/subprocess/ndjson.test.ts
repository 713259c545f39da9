// Lines of JSON across chunk borders.
import { expect, it } from 'vitest';
import { createNdjsonReader } from '../../../main/subprocess/ndjson.ts';

const read = (chunks: readonly Buffer[], onBroken: (line: string) => void = () => {}) => {
  const reader = createNdjsonReader(onBroken);
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
};

const text = '{"a":"Grüße 🌍"}\n\n[1]\r\n  {"b":"\\n"}  \n"last"';
const objects = [{ a: 'Grüße 🌍' }, [1], { b: '\n' }, 'last'];

it('reads the same objects wherever the chunks end', () => {
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(objects);
  }
  expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(objects);
});

it('reads a line of several megabytes that comes in small chunks', () => {
  const long = 'x'.repeat(8 * 1024 * 1024);
  const bytes = Buffer.from(`${JSON.stringify({ long })}\n`);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) =>
    bytes.subarray(at * 65_536, (at + 1) * 65_536),
  );
  const [object] = read(chunks) as { long: string }[];
  expect(object?.long.length).toBe(long.length);
});

it('leaves out what is no JSON and says so', () => {
  const broken: string[] = [];
  expect(read([Buffer.from('hello\n{"a":1}\n{"b":')], (line) => broken.push(line))).toEqual([{ a: 1 }]);
  expect(broken).toEqual(['hello', '{"b":']);
});
