import type { RefusalReason } from './refusal-reasons.ts';

/** OpenSSL's names for a first record that is none of TLS. */
const noTls = [
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_LAYER_FAILURE',
  'ERR_SSL_UNEXPECTED_MESSAGE',
];

/** Why a handshake failed, by Node's code for it; undefined where nobody is to be blamed. */
export function handshakeRefusal(code: string | undefined): RefusalReason | undefined {
  // Somebody who only looked whether the port is open, as probes do.
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined;
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'TLS handshake that took too long';
  return noTls.includes(code ?? '') ? 'connection without TLS' : 'TLS handshake that failed';
}
