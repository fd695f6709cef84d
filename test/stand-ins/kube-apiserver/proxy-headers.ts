import type { OutgoingHttpHeaders } from 'node:http';
import type { User } from './tokens.ts';

/** Headers of one connection, which a proxy does not hand on (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What names a user: credentials, which must not reach the backend, and names that only the proxy may give. */
const identity = /^(?:authorization|impersonate-.*|x-remote-.*)$/;

export interface ForwardedRequest {
  host: string;
  uri: string;
  /** Address of the caller. */
  for: string;
  auditId: string;
}

/** The headers of the proxied request: the client's, without whom it claims to be, then who it is. */
export function proxyRequestHeaders(
  rawHeaders: readonly string[],
  user: User,
  forwarded: ForwardedRequest,
): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (const [name, value] of pairs(rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === 'host' || lower.startsWith('x-forwarded-') || hopByHop.has(lower) || identity.test(lower))
      continue;
    headers[lower] = [...(headers[lower] ?? []), value];
  }
  headers['audit-id'] ??= [forwarded.auditId];
  return {
    ...headers,
    'X-Forwarded-For': forwarded.for,
    'X-Forwarded-Host': forwarded.host,
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Uri': forwarded.uri,
    ...identityHeaders(user),
  };
}

/** The front proxy's headers that name a user to an extension API server. */
export function identityHeaders({ username, uid, groups, extra = {} }: User): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = { 'X-Remote-User': [asHeaderValue(username)] };
  if (uid) headers['X-Remote-Uid'] = [asHeaderValue(uid)];
  if (groups.length > 0) headers['X-Remote-Group'] = groups.map(asHeaderValue);
  for (const [key, values] of Object.entries(extra)) {
    headers[`X-Remote-Extra-${escapeExtraKey(key)}`] = values.map(asHeaderValue);
  }
  return headers;
}

/** Response headers that pass to the client, as a flat list of names and values. */
export function proxyResponseHeaders(rawHeaders: readonly string[]): string[] {
  return pairs(rawHeaders)
    .filter(([name]) => !hopByHop.has(name.toLowerCase()))
    .flat();
}

/** Percent-encodes the bytes that a header name cannot hold, and the percent sign itself. */
export function escapeExtraKey(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** Go writes UTF-8 bytes into headers as they are; Node takes one character a byte. */
function asHeaderValue(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    found.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return found;
}
