import type { KubeObject, ReflectorTarget } from './reflector.ts';

/** The part of a discovery.k8s.io/v1 EndpointSlice that is read. Lists may be null there. */
export interface EndpointSlice extends KubeObject {
  readonly addressType?: string;
  readonly endpoints?: readonly Endpoint[] | null;
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[] | null;
}

/** One pod, usually: its address in the family of the slice. */
export interface Endpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly uid?: string };
}

/**
 * The pods behind a Service with one port, one address each, as its EndpointSlices tell them. A pod that is
 * terminating is left out, whether it is ready or not: a Service that publishes addresses before they are ready calls all ready.
 */
export class ServiceEndpoints implements ReflectorTarget<EndpointSlice> {
  readonly #changed: () => void;
  readonly #slices = new Map<string, EndpointSlice>();
  #addresses: readonly string[] = [];

  /** @param changed is called after addresses() has become another set */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** `ip:port` or `[ip]:port`, sorted; empty until the first list. */
  addresses(): readonly string[] {
    return this.#addresses;
  }

  replace(objects: readonly EndpointSlice[]): void {
    this.#slices.clear();
    for (const object of objects) this.#slices.set(object.metadata.name, object);
    this.#collect();
  }

  set(object: EndpointSlice): void {
    this.#slices.set(object.metadata.name, object);
    this.#collect();
  }

  remove({ metadata }: EndpointSlice): void {
    this.#slices.delete(metadata.name);
    this.#collect();
  }

  #collect(): void {
    const addresses = addressesOf([...this.#slices.values()]);
    if (addresses.join() === this.#addresses.join()) return;
    this.#addresses = addresses;
    this.#changed();
  }
}

function addressesOf(slices: readonly EndpointSlice[]): string[] {
  const byPod = new Map<string, string>();
  // A dual-stack Service has slices of both families; a pod that is in both is one replica.
  for (const family of ['IPv4', 'IPv6']) {
    for (const { addressType, endpoints, ports } of slices) {
      const port = ports?.find(({ protocol = 'TCP' }) => protocol === 'TCP')?.port;
      if (addressType !== family || port === undefined) continue;
      for (const { addresses, conditions, targetRef } of endpoints ?? []) {
        // The API promises nothing of addresses after the first one.
        const ip = addresses?.[0];
        if (ip === undefined || conditions?.terminating === true) continue;
        const pod = targetRef?.uid ?? ip;
        if (!byPod.has(pod)) byPod.set(pod, family === 'IPv6' ? `[${ip}]:${port}` : `${ip}:${port}`);
      }
    }
  }
  return [...new Set(byPod.values())].sort();
}
