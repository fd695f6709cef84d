import type { Outcome } from '@tacho/command-line';
import type { TlsProtocol } from '../serving/tls-protocol.ts';

/**
 * The value of --tls-min-version. TLS 1.0 and 1.1 are taken for 1.2: OpenSSL speaks them only with its guard against
 * weak signatures off, RFC 8996 forbids them, and no client of a supported Kubernetes needs them.
 */
export function tlsMinVersion(text: string): Outcome<TlsProtocol['minVersion']> {
  switch (text) {
    case '':
    case 'VersionTLS12':
      return { value: 'TLSv1.2' };
    case 'VersionTLS13':
      return { value: 'TLSv1.3' };
    case 'VersionTLS10':
    case 'VersionTLS11':
      return { value: 'TLSv1.2', warning: `${text} is too old to be spoken; VersionTLS12 holds` };
    default:
      return {
        problem: `expected one of VersionTLS10, VersionTLS11, VersionTLS12, VersionTLS13, found "${text}"`,
      };
  }
}
