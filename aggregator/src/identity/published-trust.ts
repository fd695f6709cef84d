import type { Logger } from 'pino';
import type { KubeObject, ReflectorTarget } from '../kube/reflector.ts';
import { type FrontProxyTrust, readBundle } from './front-proxy.ts';

/** The ConfigMap in which kube-apiserver publishes how it proves itself to extension API servers. */
export const trustConfigMap = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Follows the ConfigMap; an update that is empty or broken changes nothing. */
export class PublishedTrust implements ReflectorTarget<ConfigMap> {
  readonly #log: Logger;
  readonly #changed: (bundle: string) => void;
  #current: FrontProxyTrust | undefined;

  /** @param changed is told the CA bundle, PEM, each time a usable one was published */
  constructor(log: Logger, changed: (bundle: string) => void) {
    this.#log = log;
    this.#changed = changed;
  }

  /** Undefined until a usable one was published: then nobody is trusted. */
  get current(): FrontProxyTrust | undefined {
    return this.#current;
  }

  replace(objects: readonly ConfigMap[]): void {
    for (const object of objects) this.set(object);
  }

  set({ data = {} }: ConfigMap): void {
    try {
      const bundle = data['requestheader-client-ca-file'] ?? '';
      const trust: FrontProxyTrust = {
        ca: readBundle(bundle),
        allowedNames: strings(data, 'requestheader-allowed-names'),
        usernameHeaders: strings(data, 'requestheader-username-headers'),
        uidHeaders: strings(data, 'requestheader-uid-headers'),
        groupHeaders: strings(data, 'requestheader-group-headers'),
        extraHeaderPrefixes: strings(data, 'requestheader-extra-headers-prefix'),
      };
      this.#current = trust;
      this.#changed(bundle);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error(
        { ...trustConfigMap, reason },
        'published trust cannot be used, keeping the last good one',
      );
    }
  }

  remove(): void {
    this.#log.error(trustConfigMap, 'published trust was deleted, keeping the last good one');
  }
}

function strings(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = data[key];
  if (text === undefined || text === '') return [];
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw new Error(`Cannot read ${key}: expected a JSON array of strings, found ${text}`);
  }
  return value;
}
