import type { KubeObject } from '../kube/reflector.ts';
import type { ServingPair } from '../serving/serving-pair.ts';
import { CaRotation, type CaRotationDeps } from './ca-rotation.ts';
import { completeTlsSecret, keepNext } from './complete-tls-secret.ts';
import type { Decision, ObjectRule } from './kept-object.ts';
import type { RotationTimes } from './rotation-step.ts';
import { publishedBundle, readTlsSecret, type SecretData } from './tls-secret.ts';

export interface Secret extends KubeObject {
  readonly data?: SecretData;
}

/** What replicas agree on through the Secret. */
export interface Agreed {
  /** CA certificates, PEM, to be published. */
  readonly bundle: string;
  /** The one of them that has signed the serving certificate, PEM. */
  readonly signer: string;
  readonly pair: ServingPair;
}

export interface TlsSecretRuleDeps extends CaRotationDeps {
  /** Told whenever the Secret holds other CAs or another serving pair than before. */
  readonly agreed: (agreed: Agreed) => void;
}

export interface TlsSecretRuleOptions {
  readonly namespace: string;
  readonly name: string;
  /** DNS names that the serving certificate must carry. */
  readonly names: readonly string[];
  readonly rotation?: Partial<RotationTimes> | undefined;
}

const words = { ca: 'CA', 'next-ca': 'next CA', tls: 'serving certificate' };

/**
 * The Secret in which replicas agree on a CA and a serving certificate: what is good in it is used, what is not is
 * written anew, and one CA follows the other. Replicas that start at once each make something, one writes it, all use that.
 */
export class TlsSecretRule implements ObjectRule<Secret> {
  readonly collection: string;
  readonly name: string;
  readonly #deps: TlsSecretRuleDeps;
  readonly #options: TlsSecretRuleOptions;
  readonly #rotation: CaRotation;
  /** What is in use, or was made here and not written yet. */
  #remembered: SecretData = {};
  #inUse: SecretData = {};
  #agreed: Agreed | undefined;
  #making: Promise<unknown> = Promise.resolve();

  constructor(deps: TlsSecretRuleDeps, options: TlsSecretRuleOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#rotation = new CaRotation(deps, options.names, options.rotation);
    this.collection = `/api/v1/namespaces/${options.namespace}/secrets`;
    this.name = options.name;
  }

  /** A pair to answer probes with as long as there is no Secret: nobody can trust it before it is written there. */
  async provisionalPair(): Promise<ServingPair> {
    const { serving } = this.#read(await this.#complete({}));
    if (serving === undefined)
      throw new Error('Cannot make a serving certificate: it does not pass the own checks');
    return serving.pair;
  }

  observe(secret: Secret | undefined): void {
    const data = keepNext(secret?.data ?? {}, this.#inUse, (candidate) => this.#read(candidate));
    const { authority, next, serving } = this.#read(data);
    if (authority === undefined || serving === undefined) return;
    this.#inUse = data;
    this.#remembered = data;
    const bundle = publishedBundle(authority, next);
    const { pair } = serving;
    const before = this.#agreed;
    if (before?.bundle === bundle && before.pair.cert.equals(pair.cert) && before.pair.key.equals(pair.key))
      return;
    this.#agreed = { bundle, signer: `${authority.signer}`, pair };
    this.#rotation.changed();
    this.#deps.agreed(this.#agreed);
  }

  async decide(secret: Secret | undefined): Promise<Decision> {
    if (secret === undefined) return { level: 'error', say: this.#missing() };
    const held = secret.data ?? {};
    const data = await this.#complete(held);
    const { authority, next, problems } = this.#read(held);
    if (data === held) {
      return authority === undefined ? {} : this.#rotation.decide({ ...secret, data }, { authority, next });
    }
    const wrote = `wrote ${this.#difference(held, data)}`;
    return {
      level: problems.length > 0 ? 'warn' : 'info',
      say: problems.length > 0 ? `could not be used (${problems.join('; ')}): ${wrote}` : wrote,
      write: { verb: 'put', body: { ...secret, apiVersion: 'v1', kind: 'Secret', data } },
    };
  }

  #read(data: SecretData) {
    return readTlsSecret(data, this.#options.names, this.#deps.wallMs());
  }

  /** One at a time: who waits finds what the one before him has made. */
  #complete(data: SecretData): Promise<SecretData> {
    const complete = async () => {
      const { names } = this.#options;
      const inUse = this.#inUse;
      const completed = await completeTlsSecret(data, this.#remembered, names, this.#deps.wallMs());
      // Otherwise another replica was faster, and what was made here is nobody's.
      if (completed !== data && this.#inUse === inUse) this.#remembered = completed;
      return completed;
    };
    const result = this.#making.then(complete);
    this.#making = result.catch(() => undefined);
    return result;
  }

  #difference(held: SecretData, data: SecretData): string {
    return (['ca', 'next-ca', 'tls'] as const)
      .filter((of) => data[`${of}.crt`] !== undefined)
      .filter((of) => held[`${of}.crt`] !== data[`${of}.crt`] || held[`${of}.key`] !== data[`${of}.key`])
      .map((of) =>
        data[`${of}.crt`] === this.#inUse[`${of}.crt`] ? `the ${words[of]} in use` : `a new ${words[of]}`,
      )
      .join(' and ');
  }

  #missing(): string {
    const { namespace, name } = this.#options;
    const effect =
      this.#agreed === undefined
        ? 'so replicas cannot agree on a CA, and this one does not serve'
        : 'so what is in use is only in memory: no new replica could join';
    return `does not exist, ${effect}; mend it with helm upgrade, or with kubectl -n ${namespace} create secret generic ${name}`;
  }
}
