import type { Logger } from 'pino';
import type { KubeObject, ReflectorTarget } from '../kube/reflector.ts';
import type { ClientTrust } from './client-trust.ts';

/** The ConfigMap in which kube-apiserver publishes how it proves itself to extension API servers, and its users' CA. */
export const trustConfigMap = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Which parts are taken from the ConfigMap; the others are given by flags. */
export interface PublishedParts {
  readonly frontProxy: boolean;
  readonly clientCa: boolean;
}

/**
 * Follows the ConfigMap into a trust. The bundle of the front proxy, the names of its headers and the bundle of users are
 * taken each by itself: one that is empty or broken changes nothing of the other two, and the last good one stays.
 */
export class PublishedTrust implements ReflectorTarget<ConfigMap> {
  readonly #log: Logger;
  readonly #trust: ClientTrust;
  readonly #parts: PublishedParts;
  /** Keys that were usable once. */
  readonly #seen = new Set<string>();

  constructor(log: Logger, trust: ClientTrust, parts: PublishedParts = { frontProxy: true, clientCa: true }) {
    this.#log = log;
    this.#trust = trust;
    this.#parts = parts;
  }

  replace(objects: readonly ConfigMap[]): void {
    if (objects.length === 0) this.#log.warn(trustConfigMap, 'the cluster publishes no trust');
    for (const object of objects) this.set(object);
  }

  set({ data = {} }: ConfigMap): void {
    if (this.#parts.frontProxy) {
      this.#take('requestheader-allowed-names', () =>
        this.#trust.setFrontProxyHeaders({
          allowedNames: strings(data, 'requestheader-allowed-names'),
          usernameHeaders: strings(data, 'requestheader-username-headers'),
          uidHeaders: strings(data, 'requestheader-uid-headers'),
          groupHeaders: strings(data, 'requestheader-group-headers'),
          extraHeaderPrefixes: strings(data, 'requestheader-extra-headers-prefix'),
        }),
      );
      this.#takeBundle(data, 'requestheader-client-ca-file', (pem) => this.#trust.setFrontProxyCa(pem));
    }
    if (this.#parts.clientCa) {
      this.#takeBundle(data, 'client-ca-file', (pem) => this.#trust.setClientCa(pem));
    }
  }

  remove(): void {
    this.#log.error(trustConfigMap, 'published trust was deleted, keeping the last good one');
  }

  #takeBundle(data: Readonly<Record<string, string>>, key: string, take: (pem: string) => void): void {
    const pem = data[key] ?? '';
    // A cluster may have no CA of users, or no aggregation layer.
    if (pem === '' && !this.#seen.has(key))
      this.#log.warn({ ...trustConfigMap, key }, 'no such CA is published');
    else this.#take(key, () => take(pem));
  }

  #take(key: string, take: () => void): void {
    try {
      take();
      this.#seen.add(key);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error(
        { ...trustConfigMap, key, reason },
        'published trust cannot be used, keeping the last good one',
      );
    }
  }
}

function strings(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = data[key];
  if (text === undefined || text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw new Error(`Cannot read ${key}: expected a JSON array of strings, found ${text}`);
  }
  return value;
}
