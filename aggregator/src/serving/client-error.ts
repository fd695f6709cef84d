import { STATUS_CODES } from 'node:http';
import { type Status, statusDocument } from '../api/protocol/status.ts';
import type { LimitReason, Overrun } from './request-limits.ts';

/**
 * What to tell a client whose bytes are no request that can be served: the head is too large, did not come in
 * time, or is no HTTP/1.1.
 * @param code of the error that node:http gives
 */
export function clientOverrun(code: string | undefined): Overrun {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return overrun('header-size', 431, 'RequestEntityTooLarge', 'the headers of the request are too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return overrun('slow-request', 408, 'Timeout', 'the request did not arrive within the allotted time');
    default:
      return overrun('malformed', 400, 'BadRequest', 'the request is no valid HTTP/1.1');
  }
}

function overrun(reason: LimitReason, code: number, statusReason: string, message: string): Overrun {
  return { reason, status: { code, reason: statusReason, message } };
}

/** An answer as bytes for a connection on which there is no request to answer; it is to be closed after them. */
export function rawAnswer(status: Status): string {
  const body = statusDocument(status).json();
  return [
    `HTTP/1.1 ${status.code} ${STATUS_CODES[status.code] ?? ''}`,
    'Cache-Control: no-cache, private',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
