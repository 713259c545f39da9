// Undoes the compression of upstreams that compress although they were asked not to.
import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { GatewayError } from '../canonical/errors.ts';

/** The decoded body; the same object where nothing is to be decoded. Throws `GatewayError` while it is read. */
export function decodeBody(
  chunks: AsyncIterable<Buffer>,
  encoding: string | string[] | undefined,
): AsyncIterable<Buffer> {
  const name = (Array.isArray(encoding) ? encoding.join(',') : (encoding ?? '')).trim().toLowerCase();
  if (name === '' || name === 'identity') return chunks;
  return decode(chunks, name);
}

async function* decode(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const decoder = createDecoder(name);
  const source = Readable.from(chunks);
  source.on('error', (error) => decoder.destroy(error));
  source.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('upstream', `The upstream's answer could not be decompressed (${name}).`, { cause: error });
  } finally {
    source.destroy();
  }
}

function createDecoder(name: string): Transform {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new GatewayError('upstream', `The upstream compresses its answer in a way that is not known here: ${name}`);
  }
}
