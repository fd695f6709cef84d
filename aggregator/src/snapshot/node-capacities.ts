import type { KubeObject, ReflectorTarget } from '../kube/reflector.ts';
import { quantityValue } from './quantity-value.ts';

/** The part of a core/v1 Node that is read. */
interface NodeObject extends KubeObject {
  readonly status?: { readonly capacity?: Readonly<Record<string, unknown>> };
}

/** What a node's machine has, as its kubelet says; undefined where that is not known. */
export interface Capacity {
  readonly cpuNanocores: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** The sizes of the cluster's machines, as the watch of nodes tells them. */
export class NodeCapacities implements ReflectorTarget<NodeObject> {
  readonly #capacities = new Map<string, Capacity>();

  of(node: string): Capacity | undefined {
    return this.#capacities.get(node);
  }

  replace(nodes: readonly NodeObject[]): void {
    this.#capacities.clear();
    for (const node of nodes) this.set(node);
  }

  set({ metadata, status }: NodeObject): void {
    const cpus = aboveZero(status?.capacity?.['cpu']);
    this.#capacities.set(metadata.name, {
      cpuNanocores: cpus === undefined ? undefined : cpus * 1e9,
      memoryBytes: aboveZero(status?.capacity?.['memory']),
    });
  }

  remove({ metadata }: NodeObject): void {
    this.#capacities.delete(metadata.name);
  }
}

/** No machine is without a processor or memory: a zero was not known. */
function aboveZero(quantity: unknown): number | undefined {
  const value = quantityValue(quantity);
  return value === 0 ? undefined : value;
}
