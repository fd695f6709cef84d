import type { X509Certificate } from 'node:crypto';

/**
 * How kube-apiserver proves that it speaks for a user: a client certificate of its own CA, and headers. Names of
 * headers and prefixes are in lower case.
 */
export interface FrontProxyTrust extends FrontProxyHeaders {
  readonly ca: readonly X509Certificate[];
}

export interface FrontProxyHeaders {
  /** Common names that may speak for users; empty: any that the CA has signed. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Whose certificates are believed. Another object is another trust: what was judged under the old one is judged anew. */
export interface Trust {
  /** undefined: no front proxy is known, its headers mean nothing. */
  readonly frontProxy: FrontProxyTrust | undefined;
  /** CAs of users' own certificates; undefined: none is known, such certificates mean nothing. */
  readonly clientCa: readonly X509Certificate[] | undefined;
}

/** As they are compared: HTTP knows no case in the names of headers. */
export function frontProxyHeaders(names: FrontProxyHeaders): FrontProxyHeaders {
  const lower = (each: string) => each.toLowerCase();
  return {
    allowedNames: names.allowedNames,
    usernameHeaders: names.usernameHeaders.map(lower),
    uidHeaders: names.uidHeaders.map(lower),
    groupHeaders: names.groupHeaders.map(lower),
    extraHeaderPrefixes: names.extraHeaderPrefixes.map(lower),
  };
}
