// Attachments on their way up: bytes are sent, addresses are fetched by Poe itself. What was uploaded lately is not sent again,
// as every turn of a conversation brings its pictures anew.
import { createHash, randomUUID } from 'node:crypto';
import type { FilePart, ImagePart } from '../../canonical/conversation.ts';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import { ID, type PoeAccount } from './account.ts';
import { parseJson, readFields, readText } from './formats.ts';

/** A file as the bot protocol names it. */
export interface Attachment {
  readonly url: string;
  readonly content_type: string;
  readonly name: string;
}

/** Uploads one part. Resolves to undefined for one that only another upstream can find. Throws `GatewayError`. */
export type UploadPart = (
  part: ImagePart | FilePart,
  account: PoeAccount,
  signal: AbortSignal,
) => Promise<Attachment | undefined>;

/** What uploads are made with. */
export interface UploadServices {
  readonly http: HttpClient;
  readonly now: () => number;
}

const TIMEOUT_MS = 120_000;
const TRIES = 2;
/** How long the addresses hold is not known; this is within one sitting. */
const KEPT_MS = 60 * 60_000;
const MOST_KEPT = 500;

const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'text/plain': 'txt', 'audio/mpeg': 'mp3' };

/** The uploads of all accounts. */
export function createUploads({ http, now }: UploadServices): UploadPart {
  const kept = new Map<string, { readonly attachment: Promise<Attachment>; readonly until: number }>();

  const uploadOnce = async (
    form: Form,
    { upload, key, proxy }: PoeAccount,
    signal: AbortSignal,
  ): Promise<Attachment> => {
    const response = await http.open({
      method: 'POST',
      url: upload,
      // This host takes the bare key.
      headers: { authorization: key, 'content-type': form.type, accept: 'application/json' },
      body: form.body,
      signal,
      proxy,
      firstByteMs: TIMEOUT_MS,
      idleMs: TIMEOUT_MS,
    });
    const text = await response.text();
    if (response.status !== 200) throw readErrorAnswer(response, text, ID);
    const { attachment_url: url, mime_type: type } = readFields(parseJson(text));
    const address = readText(url);
    if (address === undefined) {
      throw new GatewayError('upstream', 'Poe took the file and did not say where it is.', { provider: ID });
    }
    return { url: address, content_type: readText(type) ?? form.mediaType, name: form.name };
  };
  const upload = async (form: Form, account: PoeAccount, signal: AbortSignal): Promise<Attachment> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await uploadOnce(form, account, signal);
      } catch (thrown) {
        const error = readError(thrown);
        if (attempt >= TRIES || !error.retryable || error.kind === 'rate-limited' || signal.aborted)
          throw nameUpload(error, form);
      }
    }
  };

  return async (part, account, signal) => {
    const form = writeForm(part);
    if (form === undefined) return undefined;
    const id = hash(account.upload, account.key, form.id);
    const known = kept.get(id);
    if (known !== undefined && known.until > now()) {
      // Whoever began it may have left.
      const attachment = await known.attachment.catch(() => undefined);
      if (attachment !== undefined) return attachment;
    }
    for (const [old, { until }] of kept) if (until <= now() || kept.size >= MOST_KEPT) kept.delete(old);
    const attachment = upload(form, account, signal);
    kept.set(id, { attachment, until: now() + KEPT_MS });
    try {
      return await attachment;
    } catch (error) {
      kept.delete(id);
      throw error;
    }
  };
}

interface Form {
  readonly id: string;
  readonly type: string;
  readonly body: Buffer;
  readonly name: string;
  readonly mediaType: string;
}

function writeForm(part: ImagePart | FilePart): Form | undefined {
  const { source } = part;
  const mediaType = part.mediaType ?? (part.type === 'image' ? 'image/png' : 'application/octet-stream');
  if (source.type === 'id') return undefined;
  const given = part.type === 'file' ? part.name : undefined;
  if (source.type === 'url') {
    const inline = /^data:([^;,]*)(?:;[^,]*)?;base64,(.*)$/s.exec(source.url);
    if (inline !== null) {
      const own = {
        ...part,
        mediaType: inline[1] || mediaType,
        source: { type: 'base64', data: inline[2] ?? '' },
      } as const;
      return writeForm(own);
    }
    const name = given ?? nameOf(source.url) ?? nameBy(part.type, mediaType);
    const body = new URLSearchParams({ download_url: source.url, download_filename: name }).toString();
    const type = 'application/x-www-form-urlencoded';
    return { id: hash(source.url, name), type, body: Buffer.from(body), name, mediaType };
  }
  const name = given ?? nameBy(part.type, mediaType);
  const bytes = Buffer.from(source.data, 'base64');
  const border = `patchbay-${randomUUID()}`;
  const quoted = name.replace(/["\\\r\n]/g, '_');
  const head =
    `--${border}\r\ncontent-disposition: form-data; name="file"; filename="${quoted}"\r\n` +
    `content-type: ${mediaType.replace(/[\r\n]/g, '')}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${border}--\r\n`)]);
  return { id: hash(name, mediaType, bytes), type: `multipart/form-data; boundary=${border}`, body, name, mediaType };
}

const hash = (...parts: readonly (string | Buffer)[]) => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('base64');
};

function nameBy(type: string, mediaType: string): string {
  const extension =
    EXTENSIONS[mediaType] ??
    mediaType
      .split('/')[1]
      ?.replace(/[^a-z0-9]/gi, '')
      .slice(0, 8);
  return `${type}.${extension || 'bin'}`;
}

function nameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  return /\.\w{1,5}$/.test(last) ? last : undefined;
}

/** A request that fails over a file must say so. */
function nameUpload(error: GatewayError, { name }: Form): GatewayError {
  const { kind, message, retryable, retryAfterMs, status, code, provider } = error;
  const details = { retryable, retryAfterMs, status, code, provider, cause: error };
  return new GatewayError(kind, `The file ${name} could not be uploaded to Poe: ${message}`, details);
}
