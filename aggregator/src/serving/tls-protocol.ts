/** What a listener speaks, in the words of Node's TLS options. */
export interface TlsProtocol {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's names of cipher suites, those of TLS 1.3 among them, or its defaults. */
  readonly ciphers?: string;
  /** OpenSSL's names of key exchange groups, in its order of preference, or its defaults. */
  readonly ecdhCurve?: string;
}

export const usualProtocol: TlsProtocol = { minVersion: 'TLSv1.2' };
