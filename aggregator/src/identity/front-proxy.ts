import { X509Certificate } from 'node:crypto';
import type { User } from './user.ts';

/**
 * How kube-apiserver proves that it speaks for a user: a client certificate of its own CA, and headers.
 * Published by kube-apiserver in ConfigMap kube-system/extension-apiserver-authentication.
 */
export interface FrontProxyTrust {
  readonly ca: readonly X509Certificate[];
  /** Common names that may speak for users; empty: any that the CA has signed. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Extended key usage "TLS client authentication", RFC 5280 section 4.2.1.12. */
const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * The user that the front proxy vouches for.
 * @param rawHeaders name, value, name, value …: repeated headers stay apart, a group may hold a comma
 * @returns undefined when the peer is not the front proxy, or names no user
 */
export function frontProxyUser(
  trust: FrontProxyTrust,
  certificate: X509Certificate | undefined,
  rawHeaders: readonly string[],
  nowMs: number,
): User | undefined {
  if (certificate === undefined || !isFrontProxy(trust, certificate, nowMs)) return undefined;
  const headers = headerPairs(rawHeaders);
  const values = (names: readonly string[]) =>
    names.flatMap((name) => headers.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value));
  const name = values(trust.usernameHeaders).find((value) => value !== '');
  if (name === undefined) return undefined;
  const groups = values(trust.groupHeaders).filter((value) => value !== '');
  if (!groups.includes('system:authenticated') && !groups.includes('system:unauthenticated')) {
    groups.push('system:authenticated');
  }
  return {
    name,
    uid: values(trust.uidHeaders).find((value) => value !== '') ?? '',
    groups,
    extra: extraOf(headers, trust.extraHeaderPrefixes),
  };
}

function isFrontProxy(trust: FrontProxyTrust, certificate: X509Certificate, nowMs: number): boolean {
  if (nowMs < certificate.validFromDate.getTime() || nowMs > certificate.validToDate.getTime()) return false;
  if (!(certificate.keyUsage ?? []).includes(clientAuth)) return false;
  const commonName = /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject)?.[1] ?? '';
  if (trust.allowedNames.length > 0 && !trust.allowedNames.includes(commonName)) return false;
  return trust.ca.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
}

function headerPairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    // kube-apiserver sends names as UTF-8; Node makes one character of each byte.
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8');
    pairs.push([(rawHeaders[index] ?? '').toLowerCase(), value]);
  }
  return pairs;
}

function extraOf(
  headers: readonly (readonly [string, string])[],
  prefixes: readonly string[],
): Record<string, readonly string[]> {
  const extra = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const prefix = prefixes.find((each) => name.startsWith(each.toLowerCase()));
    if (prefix === undefined) continue;
    const key = decode(name.slice(prefix.length));
    extra.set(key, [...(extra.get(key) ?? []), value]);
  }
  return Object.fromEntries(extra);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Splits a PEM bundle into its certificates. @throws when one of them cannot be read or there is none */
export function readBundle(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('Cannot read a CA bundle: it holds no certificate');
  return blocks.map((block) => new X509Certificate(block));
}
