// Origins of web pages that may use the door: how one is written, and what is wrong with one that is not.
import { z } from 'zod';

const MOST_ORIGINS = 100;
/** Scheme, host, port and whatever follows. */
const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/;

/** The origin as browsers send it, or what is wrong with it. */
export function readOrigin(text: string): { readonly origin: string } | { readonly fault: string } {
  const wanted = text.trim().toLowerCase();
  if (wanted.includes('*')) return { fault: 'A * would let every web page in; name each origin.' };
  if (wanted === 'null') return { fault: '"null" is what any page can call itself; it cannot be let in.' };
  const [, scheme, host = '', rest = ''] = PARTS.exec(wanted) ?? [];
  if (scheme === undefined) return { fault: 'Write scheme, host and port, as in http://localhost:3000.' };
  if (scheme === 'file') return { fault: 'Pages opened from a file have no origin of their own.' };
  if (rest !== '' && rest !== '/') return { fault: `An origin ends after host and port, before "${rest}".` };
  if (host.includes('@')) return { fault: 'An origin holds no user name.' };
  try {
    const { origin } = new URL(`${scheme}://${host}`);
    if (host === '') throw new Error('no host');
    // Only web schemes have an origin for the URL parser; of an app's own scheme it checks the host.
    return { origin: origin === 'null' ? `${scheme}://${host}` : origin };
  } catch {
    return { fault: `"${host}" is no host with an optional port.` };
  }
}

const Origin = z.string('must be a text').transform((text, context) => {
  const read = readOrigin(text);
  if ('origin' in read) return read.origin;
  context.addIssue({ code: 'custom', message: read.fault });
  return z.NEVER;
});

/** Origins, each once and as browsers send it. */
export const Origins = z
  .array(Origin, 'must be a list')
  .max(MOST_ORIGINS, `must be at most ${MOST_ORIGINS} origins`)
  .transform((list) => [...new Set(list)]);
