import { anonymous } from './anonymous.ts';
import type { BearerTokens } from './bearer-token.ts';
import { frontProxyUser } from './front-proxy.ts';
import type { PeerCertificates, PeerConnection } from './peer-certificate.ts';
import type { Trust } from './trust.ts';
import { authenticated, type User } from './user.ts';
import { x509User } from './x509.ts';

/** What of a request says who makes it. */
export interface Caller {
  readonly connection: PeerConnection;
  /** name, value, name, value …, as they came. */
  readonly rawHeaders: readonly string[];
}

/** What telling callers apart needs. */
export interface AuthenticationDeps {
  readonly trust: () => Trust;
  readonly peers: PeerCertificates;
  readonly tokens: Pick<BearerTokens, 'user'>;
  readonly wallMs: () => number;
}

/** Who it is, or why none of the credentials holds. */
export type Authentication = { readonly user: User } | { readonly errors: readonly string[] };

/**
 * Who makes a request: whom the front proxy names, else whose certificate it is, else whom the token stands for. The
 * first that holds wins, whatever is wrong with others; anonymous is only who has shown nothing wrong.
 */
export async function authenticate(
  { connection, rawHeaders }: Caller,
  authorization: string | undefined,
  { trust: currentTrust, peers, tokens, wallMs }: AuthenticationDeps,
  signal: AbortSignal,
): Promise<Authentication> {
  const trust = currentTrust();
  const peer = peers.of(connection, trust);
  const nowMs = wallMs();
  const errors: string[] = [];
  const proxied = frontProxyUser(trust.frontProxy, peer, rawHeaders, nowMs);
  if (proxied !== undefined) {
    if ('user' in proxied) return { user: authenticated(proxied.user) };
    errors.push(proxied.error);
  }
  const certified = x509User(peer, trust, nowMs);
  if (certified !== undefined) {
    if ('user' in certified) return { user: authenticated(certified.user) };
    errors.push(certified.error);
  }
  const named = authorization === undefined ? undefined : await tokens.user(authorization, signal);
  if (named !== undefined) {
    if ('user' in named) return { user: authenticated(named.user) };
    errors.push(named.error);
  }
  return errors.length === 0 ? { user: anonymous } : { errors };
}
