import type { FrontProxyHeaders } from './trust.ts';

/**
 * Whom to believe, as metrics-server's flags say it. The names (--requestheader-allowed-names, -username-headers,
 * -uid-headers, -group-headers, -extra-headers-prefix) count only beside --requestheader-client-ca-file.
 */
export interface AuthenticationOptions extends FrontProxyHeaders {
  /** --client-ca-file: PEM file; takes the place of what the cluster publishes. */
  readonly clientCaFile: string | undefined;
  /** --requestheader-client-ca-file: PEM file; with it the names too are those given here, not the published ones. */
  readonly requestHeaderCaFile: string | undefined;
  /** --authentication-skip-lookup: what the cluster publishes is not looked up. */
  readonly skipLookup: boolean;
  /** --authentication-tolerate-lookup-failure: ready also before it was looked up. */
  readonly tolerateLookupFailure: boolean;
  /** --authentication-token-webhook-cache-ttl; 0: every token is reviewed each time. */
  readonly tokenTtlMs: number;
}

/** What is allowed without asking, and how long an answer holds. */
export interface AuthorizationOptions {
  /** --authorization-always-allow-paths; a `*` at the end stands for anything. */
  readonly alwaysAllowPaths: readonly string[];
  /** --authorization-webhook-cache-authorized-ttl; 0: not at all. */
  readonly allowedTtlMs: number;
  /** --authorization-webhook-cache-unauthorized-ttl; 0: not at all. */
  readonly deniedTtlMs: number;
}

/** Without any flag, as metrics-server. No UID header: an older kube-apiserver lets its users' through. */
export const usualAuthentication: AuthenticationOptions = {
  clientCaFile: undefined,
  requestHeaderCaFile: undefined,
  allowedNames: [],
  usernameHeaders: ['x-remote-user'],
  uidHeaders: [],
  groupHeaders: ['x-remote-group'],
  extraHeaderPrefixes: ['x-remote-extra-'],
  skipLookup: false,
  tolerateLookupFailure: false,
  tokenTtlMs: 10_000,
};

export const usualAuthorization: AuthorizationOptions = {
  alwaysAllowPaths: ['/healthz', '/readyz', '/livez'],
  allowedTtlMs: 10_000,
  deniedTtlMs: 10_000,
};
