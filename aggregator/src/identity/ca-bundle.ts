import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM bundle; what is between them does not count. @throws when one cannot be read or there is none */
export function readBundle(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('Cannot read a CA bundle: it holds no certificate');
  return blocks.map((block) => new X509Certificate(block));
}
