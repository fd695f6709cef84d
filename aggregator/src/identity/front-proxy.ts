import { isValidNow } from './certificate-chain.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import type { FrontProxyTrust } from './trust.ts';
import type { Verdict } from './user.ts';

/**
 * The user that kube-apiserver's aggregator, the front proxy, vouches for.
 * @param rawHeaders name, value, name, value …: repeated headers stay apart, a group may hold a comma
 * @returns undefined when nobody is named, or no front proxy is known; an error for a certificate that is not the front proxy's
 */
export function frontProxyUser(
  trust: FrontProxyTrust | undefined,
  peer: PeerCertificate | undefined,
  rawHeaders: readonly string[],
  nowMs: number,
): Verdict {
  if (peer === undefined || trust === undefined) return undefined;
  if (!isValidNow(peer.frontProxyChains, nowMs)) {
    return {
      error: `client certificate X509SHA256=${peer.sha256} is not valid now for any CA of the front proxy`,
    };
  }
  if (trust.allowedNames.length > 0 && !trust.allowedNames.includes(peer.commonName)) {
    return {
      error: `client certificate X509SHA256=${peer.sha256} has a common name that may not speak for users`,
    };
  }
  const headers = readHeaders(rawHeaders);
  const name = firstOf(headers, trust.usernameHeaders);
  if (name === '') return undefined;
  const groups: string[] = [];
  for (const wanted of trust.groupHeaders) {
    for (const [header, value] of headers) if (header === wanted && value !== '') groups.push(value);
  }
  const uid = firstOf(headers, trust.uidHeaders);
  return { user: { name, uid, groups, extra: extraOf(headers, trust.extraHeaderPrefixes) } };
}

type Header = readonly [name: string, value: string];

const beyondAscii = /[\x80-\xff]/;

function readHeaders(rawHeaders: readonly string[]): readonly Header[] {
  const headers: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? '';
    // kube-apiserver sends names as UTF-8; Node makes one character of each byte.
    const text = beyondAscii.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
    headers.push([(rawHeaders[index] ?? '').toLowerCase(), text]);
  }
  return headers;
}

/** Of a repeated header only the first value counts; of several headers the first that is not empty. */
function firstOf(headers: readonly Header[], names: readonly string[]): string {
  for (const name of names) {
    const value = headers.find(([header]) => header === name)?.[1] ?? '';
    if (value !== '') return value;
  }
  return '';
}

function extraOf(headers: readonly Header[], prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes) {
    for (const [name, value] of headers) {
      if (!name.startsWith(prefix)) continue;
      const key = decode(name.slice(prefix.length));
      const values = extra.get(key);
      if (values === undefined) extra.set(key, [value]);
      else values.push(value);
    }
  }
  return Object.fromEntries(extra);
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
