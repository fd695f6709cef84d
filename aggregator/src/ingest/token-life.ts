/** When a token was issued and when it ends, in milliseconds since the epoch by the API server's clock. */
export interface TokenLife {
  readonly issuedMs: number | undefined;
  readonly expiresMs: number;
}

/**
 * Reads `iat` and `exp` (RFC 7519, 4.1) of a service account token. Nothing is verified here: it is for tokens which
 * the API server has called valid.
 * @returns undefined for what is no JWT or says no end
 */
export function tokenLife(token: string): TokenLife | undefined {
  const [, payload, , more] = token.split('.');
  if (payload === undefined || more !== undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const { exp, iat } = (claims ?? {}) as { exp?: unknown; iat?: unknown };
    const expiresMs = instantMs(exp);
    return expiresMs === undefined ? undefined : { issuedMs: instantMs(iat), expiresMs };
  } catch {
    return undefined;
  }
}

function instantMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}
