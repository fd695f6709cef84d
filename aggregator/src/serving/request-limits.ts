import type { Status } from '../api/protocol/status.ts';

/** How much a client may ask for, and how long it may take. Times in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /** The request line and all headers; metrics-server's Go server has the same bound. */
  readonly headerBytes: number;
  readonly pathBytes: number;
  readonly queryBytes: number;
  /** Of a body that nobody reads: no path takes one. */
  readonly bodyBytes: number;
  /** How long a client that is still sending its body may take to read the answer. */
  readonly lingerMs: number;
  /** Until the TLS handshake is done. */
  readonly handshakeMs: number;
  /** Until the head of a request is there. */
  readonly headersMs: number;
  /** Until the whole of a request is there, its body included. */
  readonly requestMs: number;
  /** How long a connection may lie idle: longer than the 90 s that Go's clients keep one. */
  readonly idleMs: number;
  /** How long a client may take no byte of an answer. */
  readonly stalledMs: number;
  /** Within this an answer is there, or the client is told that it is not; clients may ask for less. */
  readonly deadlineMs: number;
  readonly connections: number;
  /** At once on one connection: only a client that does not wait for its answers has more than one. */
  readonly requestsPerConnection: number;
  /** As metrics-server: at once, watches left out. */
  readonly reading: number;
  readonly mutating: number;
}

export const usualLimits: ServerLimits = {
  headerBytes: 1024 * 1024,
  pathBytes: 8 * 1024,
  queryBytes: 64 * 1024,
  bodyBytes: 256 * 1024,
  lingerMs: 500,
  handshakeMs: 10_000,
  headersMs: 32_000,
  requestMs: 60_000,
  idleMs: 120_000,
  stalledMs: 30_000,
  deadlineMs: 60_000,
  connections: 10_000,
  requestsPerConnection: 16,
  reading: 400,
  mutating: 200,
};

/** The limit that a request or a connection ran into; label of a counter. */
export type LimitReason =
  | 'body-size'
  | 'connections'
  | 'deadline'
  | 'header-size'
  | 'in-flight'
  | 'malformed'
  | 'path-size'
  | 'pipelined'
  | 'query-size'
  | 'slow-handshake'
  | 'slow-reader'
  | 'slow-request'
  | 'watches';

/** A limit that was run into, with what the client is told. */
export interface Overrun {
  readonly reason: LimitReason;
  readonly status: Status;
}

/** Whether a path and its query are short enough. @param url as on the wire: one byte a character */
export function checkUrl(
  url: string,
  { pathBytes, queryBytes }: Pick<ServerLimits, 'pathBytes' | 'queryBytes'>,
): Overrun | undefined {
  const mark = url.indexOf('?');
  const pathLength = mark < 0 ? url.length : mark;
  if (pathLength > pathBytes) return tooLong('path-size', 'path', pathLength, pathBytes);
  const queryLength = mark < 0 ? 0 : url.length - mark - 1;
  if (queryLength > queryBytes) return tooLong('query-size', 'query', queryLength, queryBytes);
  return undefined;
}

/** Whether a request names a host, as HTTP/1.1 wants it (RFC 9112 section 3.2). */
export function checkHost(host: string | undefined, httpVersion: string): Overrun | undefined {
  if (host !== undefined || httpVersion !== '1.1') return undefined;
  const message = 'the request has no Host header, which HTTP/1.1 wants';
  return { reason: 'malformed', status: { code: 400, reason: 'BadRequest', message } };
}

/** Whether a connection may have one more request. @param underWay how many are being answered on it */
export function checkPipelined(
  underWay: number,
  { requestsPerConnection }: Pick<ServerLimits, 'requestsPerConnection'>,
): Overrun | undefined {
  if (underWay < requestsPerConnection) return undefined;
  const message = `too many requests at once on one connection: expected at most ${requestsPerConnection}`;
  return { reason: 'pipelined', status: { code: 429, reason: 'TooManyRequests', message } };
}

function tooLong(reason: LimitReason, part: string, length: number, most: number): Overrun {
  const message = `the ${part} of the request is too long: expected at most ${most} bytes, found ${length}`;
  // Kubernetes has no reason of its own for 414; this one's 413 is the nearest.
  return { reason, status: { code: 414, reason: 'RequestEntityTooLarge', message } };
}
