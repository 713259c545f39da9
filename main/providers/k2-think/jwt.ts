// Reads when a token of the web host ends, and of whom it is. Checks no signature: that is the host's part.

/** What a token says of itself; what it does not say is absent. */
export interface TokenFacts {
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Id of the person at the upstream. */
  readonly user?: string;
}

/** The facts of `token`; undefined where it is no JSON web token. */
export function readToken(token: string): TokenFacts | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || parts.some((part) => !/^[\w-]+$/.test(part))) return undefined;
  try {
    const body: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    if (typeof body !== 'object' || body === null) return undefined;
    const { exp, id } = body as { exp?: unknown; id?: unknown };
    return {
      ...(typeof exp === 'number' && Number.isFinite(exp) ? { expiresAt: exp * 1000 } : {}),
      ...(typeof id === 'string' && id !== '' ? { user: id } : {}),
    };
  } catch {
    return undefined;
  }
}
