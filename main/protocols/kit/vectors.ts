// Writes vectors in the form that a client wants, whichever one the upstream gave; the kit knows no face.
import type { Vector } from '../../canonical/embeddings.ts';
import { GatewayError } from '../../canonical/errors.ts';

const FLOAT_BYTES = 4;

/** The numbers of a vector. Throws `GatewayError` for base64 that holds no 32-bit floats. */
export function writeFloats(vector: Vector): readonly number[] {
  if (typeof vector !== 'string') return vector;
  const bytes = Buffer.from(vector, 'base64');
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) {
    throw new GatewayError('upstream', 'The upstream sent an embedding that is no base64 of 32-bit numbers.');
  }
  const numbers = new Array<number>(bytes.length / FLOAT_BYTES);
  for (let at = 0; at < numbers.length; at++) numbers[at] = bytes.readFloatLE(at * FLOAT_BYTES);
  return numbers;
}

/** The base64 of a vector's little-endian 32-bit floats; base64 stays as it came. */
export function writeBase64(vector: Vector): string {
  if (typeof vector === 'string') return vector;
  const bytes = Buffer.alloc(vector.length * FLOAT_BYTES);
  for (const [at, number] of vector.entries()) bytes.writeFloatLE(number, at * FLOAT_BYTES);
  return bytes.toString('base64');
}
