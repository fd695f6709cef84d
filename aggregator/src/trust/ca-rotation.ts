import type { KubeObject } from '../kube/reflector.ts';
import type { Decision } from './kept-object.ts';
import { type Authorities, rotatedTlsSecret } from './rotated-tls-secret.ts';
import { type RotationTimes, type RotationView, rotationStep, usualRotationTimes } from './rotation-step.ts';
import type { SecretData } from './tls-secret.ts';

/** On the Secret, whatever its value: somebody wants another CA now. */
const rotateAnnotation = 'tacho/rotate-ca';
const mostNamed = 3;

/** Those who verify, as far as this replica knows. */
export interface Verifiers {
  /** How long all that verifiers are given has held every CA; undefined: not all does. */
  readonly publishedMs: () => number | undefined;
  /**
   * Nodes whose agent runs, or is connected, and has not said here that it trusts this CA; undefined: nobody knows the nodes yet.
   * @param sha256 of the certificate, hex
   */
  readonly distrusting: (sha256: string) => readonly string[] | undefined;
}

export interface CaRotationDeps extends Verifiers {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

/** Has one CA follow another in a Secret: says what to write, step by step, and what it waits for when that takes long. */
export class CaRotation {
  readonly #deps: CaRotationDeps;
  readonly #names: readonly string[];
  readonly #times: RotationTimes;
  #heldSinceMs: number;
  #complainedOf: string | undefined;

  /** @param names DNS names that a serving certificate must carry */
  constructor(deps: CaRotationDeps, names: readonly string[], times: Partial<RotationTimes> = {}) {
    this.#deps = deps;
    this.#names = names;
    this.#times = { ...usualRotationTimes, ...times };
    this.#heldSinceMs = deps.monotonicMs();
  }

  /** To be called when the Secret holds other certificates than before. */
  changed(): void {
    this.#heldSinceMs = this.#deps.monotonicMs();
  }

  /** @param secret what is whole, and in use */
  async decide(
    secret: KubeObject & { readonly data: SecretData },
    authorities: Authorities,
  ): Promise<Decision> {
    const { authority, next } = authorities;
    const { annotations: { [rotateAnnotation]: asked, ...annotations } = {} } = secret.metadata;
    const view: RotationView = {
      wallMs: this.#deps.wallMs(),
      asked: asked !== undefined,
      heldMs: this.#deps.monotonicMs() - this.#heldSinceMs,
      publishedMs: this.#deps.publishedMs(),
      distrusting: next && this.#deps.distrusting(sha256Of(next.signer)),
    };
    const step = rotationStep(
      {
        caEndsAtMs: authority.signer.validToDate.getTime(),
        cas: authority.certificates.length,
        hasNext: next !== undefined,
      },
      view,
      this.#times,
    );
    const write = (say: string, data: SecretData, level: 'info' | 'warn' = 'info'): Decision => ({
      ...{ level, say },
      write: {
        verb: 'put',
        body: {
          ...{ ...secret, apiVersion: 'v1', kind: 'Secret', data },
          metadata: { ...secret.metadata, annotations },
        },
      },
    });
    const rotated = (to: 'add' | 'switch' | 'drop') =>
      rotatedTlsSecret(secret.data, authorities, to, this.#names, view.wallMs);
    switch (step) {
      case 'rest':
        return {};
      case 'wait':
        if (view.asked) return write('was asked for another CA while one follows already', secret.data);
        return { againMs: this.#times.lookMs, ...this.#complaint(next?.signer.fingerprint256, view) };
      case 'add':
        return write('wrote a next CA, to be published beside the one that signs', await rotated('add'));
      case 'switch':
        return write('wrote a serving certificate by the next CA, which all trust', await rotated('switch'));
      case 'switch-late':
        return write(
          `wrote a serving certificate by the next CA, because the old one ends soon, though ${reason(view)}`,
          await rotated('switch'),
          'warn',
        );
      case 'drop':
        return write('dropped the old CA', await rotated('drop'));
    }
  }

  /** Once for each CA. */
  #complaint(next: string | undefined, view: RotationView): Pick<Decision, 'say'> {
    if (next === undefined || next === this.#complainedOf || view.heldMs < this.#times.patienceMs) return {};
    this.#complainedOf = next;
    return { say: `the old CA signs on, because ${reason(view)}` };
  }
}

function reason({ publishedMs, distrusting }: RotationView): string {
  if (publishedMs === undefined)
    return 'the next one does not stand in the ConfigMap and the APIServices yet';
  if (distrusting === undefined) return 'the watch of pods does not tell yet which agents run';
  const named = distrusting.slice(0, mostNamed).join(', ');
  const more = distrusting.length - mostNamed;
  return `agents have not said here that they trust the next one, on ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

function sha256Of({ fingerprint256 }: { readonly fingerprint256: string }): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
