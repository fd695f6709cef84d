import { X509Certificate } from 'node:crypto';
import { Counter, Gauge, type Registry } from 'prom-client';

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is shown to clients and how long it holds. */
export class CertificateMetrics {
  readonly #expiry: Gauge;
  readonly #reloads: Counter;

  constructor(register: Registry) {
    const registers = [register];
    this.#expiry = new Gauge({
      name: 'tacho_certificate_expiration_timestamp_seconds',
      help: 'When a certificate in use expires, as Unix time: the serving certificate and the CA that signed it.',
      labelNames: ['certificate'],
      registers,
    });
    this.#reloads = new Counter({
      name: 'tacho_certificate_reloads_total',
      help: 'How often another serving certificate was there: taken, or refused and the old one kept.',
      labelNames: ['result'],
      registers,
    });
    for (const result of ['success', 'failure']) this.#reloads.inc({ result }, 0);
  }

  /** Takes the expiry of the certificate that is served from now on. @param pem its chain, itself first */
  serves(pem: Buffer | string): void {
    this.#setExpiry('serving', expiriesOf(pem)[0]);
  }

  /** Takes the expiry of a bundle: that of the last of its certificates to expire. */
  trustsCa(pem: Buffer | string): void {
    this.#setExpiry('ca', expiriesOf(pem).sort((a, b) => b - a)[0]);
  }

  reloaded(succeeded: boolean): void {
    this.#reloads.inc({ result: succeeded ? 'success' : 'failure' });
  }

  #setExpiry(certificate: string, expirySeconds: number | undefined): void {
    if (expirySeconds !== undefined) this.#expiry.set({ certificate }, expirySeconds);
  }
}

/** Unix seconds, in the order of the bundle. What is no certificate is left out: this only counts. */
function expiriesOf(pem: Buffer | string): number[] {
  const blocks = pem.toString().match(pemBlock) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block).validToDate.getTime() / 1000];
    } catch {
      return [];
    }
  });
}
