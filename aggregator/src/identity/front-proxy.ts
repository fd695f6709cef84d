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
  const headers = lowered(rawHeaders);
  const name = firstOf(headers, trust.usernameHeaders);
  if (name === '') return undefined;
  const groups: string[] = [];
  for (const wanted of trust.groupHeaders) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      if (headers[index] === wanted && headers[index + 1] !== '') groups.push(utf8(headers[index + 1]));
    }
  }
  const uid = firstOf(headers, trust.uidHeaders);
  return { user: { name, uid, groups, extra: extraOf(headers, trust.extraHeaderPrefixes) } };
}

/** The same with names in lower case. In pairs side by side: this is done for every request. */
function lowered(rawHeaders: readonly string[]): readonly string[] {
  const headers = rawHeaders.slice();
  for (let index = 0; index < headers.length; index += 2)
    headers[index] = headers[index]?.toLowerCase() ?? '';
  return headers;
}

const beyondAscii = /[\x80-\xff]/;

/** kube-apiserver sends names as UTF-8; Node makes one character of each byte. */
function utf8(value = ''): string {
  return beyondAscii.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/** Of a repeated header only the first value counts; of several headers the first that is not empty. */
function firstOf(headers: readonly string[], names: readonly string[]): string {
  for (const name of names) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      if (headers[index] !== name) continue;
      if (headers[index + 1] !== '') return utf8(headers[index + 1]);
      break;
    }
  }
  return '';
}

function extraOf(headers: readonly string[], prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      const name = headers[index] ?? '';
      if (!name.startsWith(prefix)) continue;
      const key = decode(name.slice(prefix.length));
      const values = extra.get(key);
      if (values === undefined) extra.set(key, [utf8(headers[index + 1])]);
      else values.push(utf8(headers[index + 1]));
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
