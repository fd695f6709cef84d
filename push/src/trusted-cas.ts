import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What an aggregator is told at most: one CA signs, one may follow it. */
const most = 8;
const lookEveryUsec = 1_000_000;
const none: readonly Buffer[] = [];
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * By which CAs an aggregator may prove itself, as the agent's CA file has it now: whoever replaces the CA waits until
 * every agent has said that it trusts the next one. Costs a stat of the file, once a second at most.
 */
export class TrustedCas {
  readonly #file: string;
  readonly #monotonicUsec: () => number;
  #seen = '';
  #sha256: readonly Buffer[] = none;
  #lookedUsec = Number.NEGATIVE_INFINITY;

  constructor(file: string, monotonicUsec: () => number) {
    this.#file = file;
    this.#monotonicUsec = monotonicUsec;
  }

  /** SHA-256 of each certificate in DER, eight at most; the same array as long as the file is the same. */
  get sha256(): readonly Buffer[] {
    const nowUsec = this.#monotonicUsec();
    if (nowUsec - this.#lookedUsec < lookEveryUsec) return this.#sha256;
    this.#lookedUsec = nowUsec;
    try {
      const { dev, ino, size, mtimeMs } = statSync(this.#file);
      const seen = [dev, ino, size, mtimeMs].join();
      if (seen === this.#seen) return this.#sha256;
      this.#sha256 = sha256Of(readFileSync(this.#file, 'utf8'));
      this.#seen = seen;
    } catch {
      // A connection that is opened now could verify nobody, and says why itself.
      this.#sha256 = none;
      this.#seen = '';
    }
    return this.#sha256;
  }
}

/** As far as TLS would take them: it stops at the first that it cannot read. */
function sha256Of(pem: string): readonly Buffer[] {
  const all: Buffer[] = [];
  try {
    for (const block of (pem.match(pemBlock) ?? []).slice(0, most)) {
      all.push(Buffer.from(new X509Certificate(block).fingerprint256.replaceAll(':', ''), 'hex'));
    }
  } catch {
    // What was read before it counts.
  }
  return all.length === 0 ? none : all;
}
