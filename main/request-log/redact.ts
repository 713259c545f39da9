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

/** What looks like a secret wherever it stands; the first group is kept. */
const PATTERNS: readonly RegExp[] = [
  /\b((?:Bearer|Basic)\s+)[\w.~+/=-]{6,}/gi,
  /((?:x-api-key|x-goog-api-key|api[-_]?key|authorization)["']?\s*[:=]\s*["']?)(?!Bearer|Basic|\[hidden\])[^\s"',;&}]{6,}/gi,
  /([?&](?:key|token|access_token|api_key)=)[^\s&"'#]+/gi,
  /\b()(?:sk|pb|rk|xai|gsk)-[\w-]{12,}/g,
];

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  let known: RegExp | undefined;
  return {
    add(secret) {
      if (secret.length < LEAST_LENGTH) return;
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) secrets.add(form);
      known = undefined;
    },
    redact(text) {
      known ??= compile(secrets);
      const masked = secrets.size === 0 ? text : text.replace(known, MASK);
      return PATTERNS.reduce((rest, pattern) => rest.replace(pattern, `$1${MASK}`), masked);
    },
  };
}

/** Longest first, so that a secret within a longer one does not leave the rest of it. */
function compile(secrets: ReadonlySet<string>): RegExp {
  const ordered = [...secrets].sort((a, b) => b.length - a.length);
  return new RegExp(ordered.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}
