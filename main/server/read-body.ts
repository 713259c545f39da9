// Collects a request body, up to a limit, undoing its compression.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { GatewayError } from '../canonical/errors.ts';

/** The whole body. Throws `GatewayError`: `too-large` past `limitBytes` (decoded), `aborted` when the client goes. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw createTooLarge(limitBytes);
  const body = await collectBody(request, limitBytes);
  const encoding = request.headers['content-encoding'];
  return encoding === undefined || encoding === 'identity' ? body : decode(body, encoding, limitBytes);
}

function collectBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) {
        request.removeAllListeners('data');
        reject(createTooLarge(limitBytes));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', (cause) =>
      reject(new GatewayError('aborted', 'The client hung up while it sent its request.', { cause })),
    );
  });
}

async function decode(body: Buffer, encoding: string, limitBytes: number): Promise<Buffer> {
  const options = { maxOutputLength: limitBytes };
  try {
    switch (encoding) {
      case 'gzip':
      case 'x-gzip':
        return await promisify(gunzip)(body, options);
      case 'deflate':
        return await promisify(inflate)(body, options);
      case 'br':
        return await promisify(brotliDecompress)(body, options);
    }
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge) throw createTooLarge(limitBytes);
    throw new GatewayError('invalid-request', `The body cannot be decompressed (${encoding}).`, { cause });
  }
  throw new GatewayError(
    'invalid-request',
    `The body's content-encoding is not known here: ${encoding}. Send it plain or as gzip.`,
  );
}

function createTooLarge(limitBytes: number): GatewayError {
  const limit =
    limitBytes < 1024 ** 2 ? `${Math.round(limitBytes / 1024)} KB` : `${Math.round(limitBytes / 1024 ** 2)} MB`;
  return new GatewayError(
    'too-large',
    `The request is larger than ${limit}. The limit can be raised in Patchbay's settings.`,
  );
}
