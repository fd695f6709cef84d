import { experimental, type ServerCredentials } from '@grpc/grpc-js';

/** A serving certificate with its chain, and its private key; PEM. Declared here too: ingest knows nothing of serving. */
export interface ServingPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

type Listener = Parameters<experimental.CertificateProvider['addIdentityCertificateListener']>[0];

/**
 * Credentials of a gRPC server whose certificate can change while it listens: new connections are shown the new one.
 * Before the first, connections are dropped.
 */
export class LiveCredentials implements experimental.CertificateProvider {
  readonly server: ServerCredentials;
  readonly #listeners = new Set<Listener>();
  #pair: ServingPair | undefined;

  constructor() {
    // The declaration of grpc-js 1.14 names these two the other way round than its code takes them.
    this.server = experimental.createCertificateProviderServerCredentials(this, null, false);
  }

  serveWith(pair: ServingPair): void {
    this.#pair = pair;
    for (const listener of this.#listeners) this.#tell(listener);
  }

  addIdentityCertificateListener(listener: Listener): void {
    this.#listeners.add(listener);
    // Told at once, grpc-js would forget it: it adds the one who has to know only after this call.
    queueMicrotask(() => this.#tell(listener));
  }

  removeIdentityCertificateListener(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Clients show no certificates here. */
  addCaCertificateListener(): void {}

  removeCaCertificateListener(): void {}

  #tell(listener: Listener): void {
    if (this.#pair === undefined || !this.#listeners.has(listener)) return;
    listener({ certificate: this.#pair.cert, privateKey: this.#pair.key });
  }
}
