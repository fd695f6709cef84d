import type { X509Certificate } from 'node:crypto';
import { readBundle } from './ca-bundle.ts';
import { type FrontProxyHeaders, frontProxyHeaders, type Trust } from './trust.ts';

const nobody: FrontProxyHeaders = {
  allowedNames: [],
  usernameHeaders: [],
  uidHeaders: [],
  groupHeaders: [],
  extraHeaderPrefixes: [],
};

interface Bundle {
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

/** Whom to trust, put together from parts that come from different places and change by themselves. */
export class ClientTrust {
  readonly #users = new Set<(bundle: string) => void>();
  #frontProxyCa: Bundle | undefined;
  #headers: FrontProxyHeaders = nobody;
  #clientCa: Bundle | undefined;
  #current: Trust = { frontProxy: undefined, clientCa: undefined };

  /** The same object until something changes. */
  get current(): Trust {
    return this.#current;
  }

  /** Has the callback told all CAs, PEM, whenever they change, at once where there are any: clients show certificates of these. */
  follow(use: (bundle: string) => void): void {
    this.#users.add(use);
    const bundle = this.#bundle();
    if (bundle !== '') use(bundle);
  }

  /** @throws when it holds no certificate or a broken one; what was before stays */
  setFrontProxyCa(pem: string): void {
    if (this.#frontProxyCa?.pem === pem) return;
    this.#frontProxyCa = { pem, certificates: readBundle(pem) };
    this.#bundlesChanged();
  }

  setFrontProxyHeaders(names: FrontProxyHeaders): void {
    const headers = frontProxyHeaders(names);
    if (JSON.stringify(headers) === JSON.stringify(this.#headers)) return;
    this.#headers = headers;
    this.#changed();
  }

  /** @throws when it holds no certificate or a broken one; what was before stays */
  setClientCa(pem: string): void {
    if (this.#clientCa?.pem === pem) return;
    this.#clientCa = { pem, certificates: readBundle(pem) };
    this.#bundlesChanged();
  }

  #bundlesChanged(): void {
    this.#changed();
    for (const use of this.#users) use(this.#bundle());
  }

  #bundle(): string {
    const bundles = [this.#frontProxyCa, this.#clientCa].map((bundle) => bundle?.certificates ?? []);
    // Written anew: what else stands in a bundle, TLS might stumble over.
    return [...new Set(bundles.flat().map(String))].join('');
  }

  #changed(): void {
    const ca = this.#frontProxyCa?.certificates;
    this.#current = {
      frontProxy: ca === undefined ? undefined : { ...this.#headers, ca },
      clientCa: this.#clientCa?.certificates,
    };
  }
}
