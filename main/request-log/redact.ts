// Keeps secrets out of logs, errors and captures: masks every secret it was told, and whatever looks like one.

/** Knows every secret in use. */
export interface Redactor {
  /** Remembers a secret for as long as Patchbay runs. Very short ones are not masked: they would mangle any text. */
  add(secret: string): void;
  /** The text without secrets. */
  redact(text: string): string;
}

const MASK = '[hidden]';
const LEAST_LENGTH = 6;
/** Less of a secret than this may be a word that begins like it. */
const LEAST_BEGUN = 10;

/** What looks like a secret wherever it stands; the first group is kept. */
const PATTERNS: readonly RegExp[] = [
  /\b((?:Bearer|Basic)\s+)[\w.~+/=-]{6,}/gi,
  /((?:x-api-key|x-goog-api-key|api[-_]?key|authorization)["']?\s*[:=]\s*["']?)(?!Bearer|Basic|\[hidden\])[^\s"',;&}]{6,}/gi,
  /([?&](?:key|token|access_token|api_key)=)[^\s&"'#]+/gi,
  /\b()(?:sk|pb|rk|xai|gsk)-[\w-]{12,}/g,
];

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let ordered: readonly string[] | undefined;
  return {
    add(secret) {
      if (secret.length < LEAST_LENGTH) return;
      for (const form of [secret, encode(secret), JSON.stringify(secret).slice(1, -1)]) forms.add(form);
      ordered = undefined;
    },
    redact(text) {
      // Longest first, so that a secret within a longer one does not leave the rest of it.
      ordered ??= [...forms].sort((a, b) => b.length - a.length);
      const masked = ordered.reduce((rest, form) => rest.replaceAll(form, MASK), text);
      const shortened = ordered.reduce(hideBegun, masked);
      return PATTERNS.reduce((rest, pattern) => rest.replace(pattern, `$1${MASK}`), shortened);
    },
  };
}

/** What upstreams say is cut to a length before it comes here: a secret may stand at its end without its own. */
function hideBegun(text: string, secret: string): string {
  if (secret.length <= LEAST_BEGUN) return text;
  const end = text.endsWith('…') ? text.length - 1 : text.length;
  const head = secret.slice(0, LEAST_BEGUN);
  const from = Math.max(0, end - secret.length + 1);
  for (let at = text.indexOf(head, from); at >= 0; at = text.indexOf(head, at + 1))
    if (secret.startsWith(text.slice(at, end))) return text.slice(0, at) + MASK + text.slice(end);
  return text;
}

/** As in a URL; a text that no URL can hold stands for itself. */
function encode(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret;
  }
}
